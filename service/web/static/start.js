// Makes GOV.UK Frontend's components livelier where the browser can. Every page works without it.
import { initAll } from "./govuk-frontend-6.3.0/govuk-frontend.min.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();
