/* global document, MutationObserver, SwaggerUIBundle */
import { apiKey, fetchWithKey } from "../page/api-key.js";

/** Parts of Swagger UI that screen readers and keyboards cannot use. */
const accessible = ({ React }) => ({
  components: {
    // Its link stands within a button.
    DeepLink: ({ text }) => React.createElement("span", {}, text),
    // There is one server: this one.
    ServersContainer: () => null,
  },
});

/** The title is a heading of the first level, and those of the groups below it are of the third. */
function fixHeadings(root) {
  for (const heading of root.querySelectorAll("h3, h4, h5")) {
    heading.setAttribute("aria-level", String(Number(heading.tagName.slice(1)) - 1));
  }
}

/** Name the controls that have none: those of parameters by the parameter. */
function nameControls(root) {
  for (const control of root.querySelectorAll("select:not([aria-label]), textarea:not([aria-label])")) {
    const { paramName } = control.closest("[data-param-name]")?.dataset ?? {};
    const kind = control.tagName === "SELECT" ? "Content type" : "Request body";
    control.setAttribute("aria-label", paramName ?? kind);
  }
}

/** Examples that are wider than the page scroll by keyboard too. A table of answers is no landmark. */
function fixAnswers(root) {
  for (const example of root.querySelectorAll("pre:not([tabindex])")) {
    example.setAttribute("tabindex", "0");
  }
  for (const table of root.querySelectorAll("table[role=region]")) {
    table.removeAttribute("role");
  }
}

/** Parts beside the list of operations. */
const REGIONS = {
  ".information-container": "About",
  ".scheme-container": "Authorization",
  ".models": "Schemas",
};

function nameRegions(root) {
  for (const [selector, name] of Object.entries(REGIONS)) {
    const part = root.querySelector(selector);
    part?.setAttribute("role", "region");
    part?.setAttribute("aria-label", name);
  }
}

const root = document.getElementById("swagger-ui");
new MutationObserver(() => {
  fixHeadings(root);
  nameControls(root);
  nameRegions(root);
  fixAnswers(root);
}).observe(root, { childList: true, subtree: true });

const description = await fetchWithKey("openapi.json");
const ui = SwaggerUIBundle({
  spec: await description.json(),
  dom_id: "#swagger-ui",
  deepLinking: true,
  docExpansion: "list",
  plugins: [accessible],
  onComplete() {
    const key = apiKey();
    if (key !== null) {
      ui.preauthorizeApiKey("apiKey", key);
    }
  },
});
