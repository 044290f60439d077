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

/** Controls that have no name. */
const NAMES = {
  select: "Content type",
  "textarea.body-param__text": "Request body",
};

function nameControls(root) {
  for (const [selector, name] of Object.entries(NAMES)) {
    for (const control of root.querySelectorAll(`${selector}:not([aria-label])`)) {
      control.setAttribute("aria-label", name);
    }
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
