import { useLingui } from "@lingui/react";
import { Trans, useLingui as useMacro } from "@lingui/react/macro";
import { ActionIcon, Group, Menu, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { IconLanguage, IconLogout, IconMoon, IconSun } from "@tabler/icons-react";
import type { ReactNode } from "react";

import { signOut, useSession } from "@/api/session";
import { chooseLanguage, type Language, LANGUAGES } from "@/i18n/languages";

/** Language, light or dark, and signing out. */
export function Preferences(): ReactNode {
  const { i18n } = useLingui();
  const { t } = useMacro();
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme("light") === "dark";
  const session = useSession();
  return (
    <Group gap={4} wrap="nowrap">
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" size="lg" aria-label={t`Language`}>
            <IconLanguage size={20} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {Object.entries(LANGUAGES).map(([language, name]) => (
            <Menu.Item
              key={language}
              lang={language}
              fw={i18n.locale === language ? 700 : undefined}
              onClick={() => void chooseLanguage(language as Language, true)}
            >
              {name}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <ActionIcon
        variant="subtle"
        size="lg"
        aria-label={dark ? t`Light colours` : t`Dark colours`}
        onClick={() => setColorScheme(dark ? "light" : "dark")}
      >
        {dark ? <IconSun size={20} aria-hidden /> : <IconMoon size={20} aria-hidden />}
      </ActionIcon>
      {session && (
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon variant="subtle" size="lg" aria-label={t`Account`}>
              <IconLogout size={20} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>
              <Trans>Signed in with the key “{session.key_name}”</Trans>
              <br />
              <Trans>Its id: {session.key_id}</Trans>
            </Menu.Label>
            <Menu.Item onClick={() => void signOut()}>
              <Trans>Sign out</Trans>
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
    </Group>
  );
}
