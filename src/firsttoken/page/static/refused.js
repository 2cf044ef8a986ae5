// The form over a list that could not be asked for: its fields, its keys, and the focus on what is to be mended.

import { startFind } from "./find.js";

startFind();
document.querySelector("[aria-invalid]")?.focus();
