import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./app/studio.css";

import { createRoot } from "react-dom/client";

import { begin } from "./api/session";
import { App } from "./app/App";
import { chooseLanguage, firstLanguage } from "./i18n/languages";

await chooseLanguage(firstLanguage());
createRoot(document.getElementById("root")!).render(<App starting={begin()} />);
