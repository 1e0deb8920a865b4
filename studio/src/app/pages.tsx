/** The pages of the studio: an address, a name and a symbol each. The first one comes with the frame; others are loaded
 * when they are opened. */

import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor, Stack, Text, Title } from "@mantine/core";
import {
  type Icon,
  IconActivity,
  IconLayoutBoard,
  IconMovieOff,
  IconPhotoVideo,
  IconRss,
  IconSparkles,
  IconUsers,
} from "@tabler/icons-react";
import { type ComponentType, lazy, type ReactNode } from "react";
import { Link } from "react-router";

import Create from "@/pages/create/Create";

export interface StudioPage {
  path: string;
  Page: ComponentType;
  /** Where it stands in the menu; pages without a name are reached from others. */
  name?: MessageDescriptor;
  Symbol?: Icon;
  /** The scope that a key needs to see it. */
  scope?: string;
  /** Whether the server has it at all. */
  needs?: "feed";
}

export const PAGES: readonly StudioPage[] = [
  { path: "/", Page: Create, name: msg`Create`, Symbol: IconSparkles },
  { path: "/board", Page: lazy(() => import("@/pages/board/Board")), name: msg`Board`, Symbol: IconLayoutBoard },
  { path: "/library", Page: lazy(() => import("@/pages/library/Library")), name: msg`Library`, Symbol: IconPhotoVideo },
  { path: "/library/compare", Page: lazy(() => import("@/pages/library/Compare")) },
  { path: "/films/:id/lineage", Page: lazy(() => import("@/pages/library/Lineage")) },
  { path: "/films/:id", Page: lazy(() => import("@/pages/film/Film")) },
  { path: "/characters", Page: lazy(() => import("@/pages/characters/Characters")), name: msg`Characters`, Symbol: IconUsers },
  { path: "/feed", Page: lazy(() => import("@/pages/feed/Feed")), name: msg`Feed`, Symbol: IconRss, needs: "feed" },
  {
    path: "/operations",
    Page: lazy(() => import("@/pages/operations/Operations")),
    name: msg`Operations`,
    Symbol: IconActivity,
    scope: "admin",
  },
];

export function NotFound(): ReactNode {
  return (
    <Stack align="center" mt="15vh">
      <IconMovieOff size={64} stroke={1} aria-hidden />
      <Title order={1} size="h2">
        <Trans>There is no such page</Trans>
      </Title>
      <Text c="dimmed">
        <Trans>The film may have been deleted, or the address is incomplete.</Trans>
      </Text>
      <Anchor component={Link} to="/library">
        <Trans>Open the library</Trans>
      </Anchor>
    </Stack>
  );
}
