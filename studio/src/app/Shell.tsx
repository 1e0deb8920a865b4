/** What stands around every page: the menu, and whether the server answers. */

import { useLingui } from "@lingui/react";
import { Trans, useLingui as useMacro } from "@lingui/react/macro";
import { Alert, AppShell, Box, Burger, Group, NavLink, ScrollArea, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlugConnectedX } from "@tabler/icons-react";
import { type ReactNode, useEffect, useState } from "react";
import { Link, useLocation } from "react-router";

import { follow, useConnection } from "@/api/events";
import { useServer } from "@/api/server";
import { allows, useSession } from "@/api/session";

import { Logo } from "./Logo";
import { PAGES } from "./pages";
import { Preferences } from "./Preferences";
import { useFinishedNotices } from "./notices";

const SHOWN_AFTER_MS = 1_200; // a stream that is opened again at once is not worth a word

export function Shell({ children }: { children: ReactNode }): ReactNode {
  const [open, { toggle, close }] = useDisclosure(false);
  const { pathname } = useLocation();
  const { t } = useMacro();
  const keyId = useSession()?.key_id ?? "";
  useEffect(() => follow(keyId), [keyId]);
  useEffect(close, [pathname]);
  useFinishedNotices();
  return (
    <AppShell
      header={{ height: 52, collapsed: false }}
      navbar={{ width: 208, breakpoint: "sm", collapsed: { mobile: !open } }}
      padding="md"
    >
      <a href="#content" className="skip" onClick={(event) => skip(event)}>
        <Trans>Skip to the content</Trans>
      </a>
      <AppShell.Header px="md">
        <Group h="100%" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={open} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={t`Menu`} aria-expanded={open} />
            <Logo />
          </Group>
          <Preferences />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label={t`Pages`}>
        <ScrollArea>
          <Menu />
        </ScrollArea>
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1} style={{ outline: "none" }}>
        <Gone />
        <Box maw={1500} mx="auto">
          {children}
        </Box>
      </AppShell.Main>
    </AppShell>
  );
}

function Menu(): ReactNode {
  const session = useSession();
  const server = useServer();
  const { pathname } = useLocation();
  const { _ } = useLingui();
  return PAGES.map(({ path, name, Symbol, scope, needs }) => {
    if (!name || !Symbol || (scope && !allows(session, scope)) || (needs && !server?.[needs])) return null;
    const here = path === "/" ? pathname === "/" : pathname.startsWith(path);
    return (
      <NavLink
        key={path}
        component={Link}
        to={path}
        label={_(name)}
        active={here}
        aria-current={here ? "page" : undefined}
        leftSection={<Symbol size={20} stroke={1.6} aria-hidden />}
        style={{ borderRadius: "var(--mantine-radius-md)" }}
      />
    );
  });
}

/** Says that the server is gone, until it is back. */
function Gone(): ReactNode {
  const gone = useConnection() === "gone";
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => setShown(gone), gone ? SHOWN_AFTER_MS : 0);
    return () => window.clearTimeout(timer);
  }, [gone]);
  return (
    <div role="status">
      {shown && (
        <Alert color="red" mb="md" icon={<IconPlugConnectedX aria-hidden />} title={<Trans>The server does not answer</Trans>}>
          <Text size="sm">
            <Trans>Your drafts are safe. The page goes on by itself as soon as the server is back.</Trans>
          </Text>
        </Alert>
      )}
    </div>
  );
}

/** An anchor alone would lead to another address, because the page has a base. */
function skip(event: React.MouseEvent): void {
  event.preventDefault();
  document.getElementById("content")?.focus();
}
