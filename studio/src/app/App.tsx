/** The frame of every page: theme, language, who is signed in, and which page an address shows. */

import { i18n } from "@lingui/core";
import { I18nProvider, useLingui } from "@lingui/react";
import { Center, DirectionProvider, Loader, MantineProvider, useDirection } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, Suspense, use, useEffect } from "react";
import { BrowserRouter, Route, Routes } from "react-router";

import { ROOT } from "@/api/base";
import { queries } from "@/api/queries";
import { useSession } from "@/api/session";
import { direction } from "@/i18n/languages";
import { messageOf } from "@/i18n/errors";

import { NotFound, PAGES } from "./pages";
import { Shell } from "./Shell";
import { SignIn } from "./SignIn";
import { theme } from "./theme";

/** `starting` ends when it is known who is signed in. */
export function App({ starting }: { starting: Promise<void> }): ReactNode {
  return (
    <I18nProvider i18n={i18n}>
      <DirectionProvider>
        <MantineProvider theme={theme} defaultColorScheme="auto">
          <QueryClientProvider client={queries}>
            <FollowLanguage />
            <Notifications position="bottom-right" />
            <BrowserRouter basename={ROOT}>
              <Suspense fallback={<Waiting />}>
                <Signed starting={caught(starting)} />
              </Suspense>
            </BrowserRouter>
          </QueryClientProvider>
        </MantineProvider>
      </DirectionProvider>
    </I18nProvider>
  );
}

const outcomes = new WeakMap<Promise<void>, Promise<string | null>>();

/** Why it failed to sign in, as a message; null where it did not. The same promise for the same start. */
function caught(starting: Promise<void>): Promise<string | null> {
  let found = outcomes.get(starting);
  if (!found) outcomes.set(starting, (found = starting.then(() => null, messageOf)));
  return found;
}

function Signed({ starting }: { starting: Promise<string | null> }): ReactNode {
  const problem = use(starting);
  const session = useSession();
  if (!session) return <SignIn problem={problem} />;
  return (
    <Shell>
      <Suspense fallback={<Waiting />}>
        <Routes>
          {PAGES.map(({ path, Page }) => (
            <Route key={path} path={path} element={<Page />} />
          ))}
          <Route path="*" element={<NotFound />} />
        </Routes>
      </Suspense>
    </Shell>
  );
}

/** Turns the components round when the language is written from right to left. */
function FollowLanguage(): null {
  const { i18n: current } = useLingui();
  const { setDirection } = useDirection();
  useEffect(() => setDirection(direction(current.locale)), [current.locale, setDirection]);
  return null;
}

function Waiting(): ReactNode {
  return (
    <Center mih="50vh">
      <Loader aria-hidden />
    </Center>
  );
}
