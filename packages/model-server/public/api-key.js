/* global document, fetch, sessionStorage */

/** Where the key is kept until the tab is closed. */
const NAME = "api-key";

/** The API key that the visitor has given; null if none was asked for. */
export const apiKey = () => sessionStorage.getItem(NAME);

/** The answer to one dialog, which all requests under way wait for. */
let asking;

/** `fetch` with the API key. The visitor is asked for one if the service wants it, until it is right. */
export async function fetchWithKey(path, options = {}) {
  for (;;) {
    const key = apiKey();
    const authorization = key === null ? {} : { authorization: `Bearer ${key}` };
    const response = await fetch(path, { ...options, headers: { ...options.headers, ...authorization } });
    if (response.status !== 401) {
      return response;
    }
    asking ??= askForKey(key !== null);
    await asking;
    asking = undefined;
  }
}

function askForKey(isWrong) {
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", "api-key-title");
  dialog.innerHTML = `
    <form method="dialog">
      <h2 id="api-key-title">This service needs an API key</h2>
      <p id="api-key-fault" class="fault" role="alert"></p>
      <p class="field">
        <label for="api-key">API key</label>
        <input id="api-key" type="password" autocomplete="off" required aria-describedby="api-key-fault" />
      </p>
      <button type="submit">Use this key</button>
    </form>`;
  document.body.append(dialog);
  dialog.querySelector("#api-key-fault").textContent = isWrong
    ? "This key is not valid. Enter another one."
    : "";
  // Without a key there is nothing to show.
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
  });
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      sessionStorage.setItem(NAME, dialog.querySelector("input").value.trim());
      dialog.remove();
      resolve();
    });
  });
}
