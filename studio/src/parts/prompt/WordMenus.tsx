import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { useLingui } from "@lingui/react";
import { Avatar, Button, Group, Menu, ScrollArea } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import type { ReactNode } from "react";

import { address } from "@/api/base";

import { type KnownWords, WORD_KINDS, type WordKind } from "./useKnownWords";

const NAMES: Record<WordKind, MessageDescriptor> = {
  nouns: msg`Subject`,
  colors: msg`Colour`,
  actions: msg`Action`,
  places: msg`Place`,
  daytimes: msg`Time of day`,
  weathers: msg`Weather`,
};
const CHARACTER = msg`Character`;

export interface WordMenusProps {
  words: KnownWords;
  onChoose: (word: string) => void;
}

/** A menu for each kind of word that the model knows, to write them into the prompt. */
export function WordMenus({ words: { vocabulary, characters }, onChoose }: WordMenusProps): ReactNode {
  const { _ } = useLingui();
  return (
    <Group gap={6} mt={8}>
      {WORD_KINDS.map((kind) => (
        <WordMenu key={kind} name={_(NAMES[kind])} empty={!vocabulary?.[kind].length}>
          {vocabulary?.[kind].map((word) => (
            <Menu.Item key={word.value} onClick={() => onChoose(word.label)}>
              {word.label}
            </Menu.Item>
          ))}
        </WordMenu>
      ))}
      <WordMenu name={_(CHARACTER)} empty={characters.length === 0}>
        {characters.map((each) => (
          <Menu.Item
            key={each.id}
            onClick={() => onChoose(`@${each.name}`)}
            leftSection={<Avatar src={address(`/v1/characters/${each.id}/picture`)} size={26} radius="sm" alt="" />}
          >
            {each.name}
          </Menu.Item>
        ))}
      </WordMenu>
    </Group>
  );
}

function WordMenu({ name, empty, children }: { name: string; empty: boolean; children: ReactNode }): ReactNode {
  if (empty) return null;
  return (
    <Menu position="bottom-start" width={220} returnFocus={false}>
      <Menu.Target>
        <Button size="compact-sm" variant="light" leftSection={<IconPlus size={14} aria-hidden />}>
          {name}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <ScrollArea.Autosize mah={280} type="auto">
          {children}
        </ScrollArea.Autosize>
      </Menu.Dropdown>
    </Menu>
  );
}
