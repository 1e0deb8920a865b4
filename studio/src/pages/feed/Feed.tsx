/** What keys of this server have published, where its operator has switched that on. */

import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Center, Group, Stack, Text, UnstyledButton } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { IconRss } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";

import { address } from "@/api/base";
import { answer, http, type Schemas } from "@/api/client";
import { ErrorLine } from "@/parts/ErrorLine";
import { ratioOf } from "@/parts/FilmProgress";
import { PageHead } from "@/parts/PageHead";

import { PostDialog } from "./PostDialog";

export type Post = Schemas["Post"];

const A_PAGE = 24;

export function postAddress(id: string, variant: "video" | "thumbnail"): string {
  return address(`/v1/feed/${id}/content?variant=${variant}`);
}

export default function Feed(): ReactNode {
  const found = useInfiniteQuery({
    queryKey: ["get", "/v1/feed"],
    queryFn: ({ pageParam }) =>
      answer(http.GET("/v1/feed", { params: { query: { limit: A_PAGE, ...(pageParam && { after: pageParam }) } } })),
    initialPageParam: "",
    getNextPageParam: (page) => (page.has_more ? page.last_id : undefined),
  });
  const [open, setOpen] = useState<string | null>(null);
  const posts = found.data?.pages.flatMap((page) => page.data) ?? [];
  const shown = posts.find((post) => post.id === open);
  return (
    <>
      <PageHead title={<Trans>Feed</Trans>} />
      <ErrorLine error={found.error} />
      {found.isSuccess && posts.length === 0 && <Empty />}
      <div className="grid">
        {posts.map((post) => (
          <PostTile key={post.id} post={post} onOpen={() => setOpen(post.id)} />
        ))}
      </div>
      {found.hasNextPage && (
        <Group justify="center" mt="lg">
          <Button variant="default" onClick={() => void found.fetchNextPage()} loading={found.isFetchingNextPage}>
            <Trans>Show more</Trans>
          </Button>
        </Group>
      )}
      {shown && <PostDialog post={shown} onClose={() => setOpen(null)} />}
    </>
  );
}

/** A film of the feed: it plays while it is pointed at or has the focus. */
function PostTile({ post, onOpen }: { post: Post; onOpen: () => void }): ReactNode {
  const [playing, setPlaying] = useState(false);
  const { t } = useLingui();
  const name = post.title ?? post.prompt ?? post.id;
  const events = { onMouseEnter: () => setPlaying(true), onMouseLeave: () => setPlaying(false) };
  const style = { width: "100%", aspectRatio: Math.max(1, ratioOf(post.size)), objectFit: "cover", display: "block" } as const;
  return (
    <UnstyledButton onClick={onOpen} {...events} onFocus={events.onMouseEnter} onBlur={events.onMouseLeave} aria-label={t`Open ${name}`}>
      {playing ? (
        <video className="screen" style={style} src={postAddress(post.id, "video")} poster={postAddress(post.id, "thumbnail")} autoPlay muted loop playsInline />
      ) : (
        <img className="screen" style={style} src={postAddress(post.id, "thumbnail")} alt="" loading="lazy" />
      )}
      <Text size="sm" mt={6} lineClamp={2} dir="auto">
        {name}
      </Text>
      {post.own && (
        <Text size="xs" c="dimmed">
          <Trans>Yours</Trans>
        </Text>
      )}
    </UnstyledButton>
  );
}

function Empty(): ReactNode {
  return (
    <Center mih={260}>
      <Stack align="center" gap="sm">
        <IconRss size={56} stroke={1} aria-hidden />
        <Text ta="center" maw={440}>
          <Trans>Nothing has been published yet. Open a film of yours and publish it: everyone with a key of this server sees it here.</Trans>
        </Text>
      </Stack>
    </Center>
  );
}
