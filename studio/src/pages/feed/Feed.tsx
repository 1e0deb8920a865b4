/** What keys of this server have published, where its operator has switched that on. */

import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Center, Group, Stack, Text, UnstyledButton } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { IconRss } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { useSearchParams } from "react-router";

import { address } from "@/api/base";
import { answer, api, http, type Schemas } from "@/api/client";
import { ErrorLine } from "@/parts/ErrorLine";
import { useServer } from "@/api/server";
import { NotFound } from "@/app/pages";
import { filmLength, filmName } from "@/parts/filmName";
import { ratioOf } from "@/parts/FilmProgress";
import { PageHead } from "@/parts/PageHead";

import classes from "./Feed.module.css";
import { PostDialog } from "./PostDialog";

export type Post = Schemas["Post"];

const A_PAGE = 24;

export function postAddress(id: string, variant: "video" | "thumbnail"): string {
  return address(`/v1/feed/${id}/content?variant=${variant}`);
}

export default function Feed(): ReactNode {
  const server = useServer();
  if (!server) return null;
  return server.feed ? <Posts /> : <NotFound />;
}

function Posts(): ReactNode {
  const found = useInfiniteQuery({
    queryKey: ["get", "/v1/feed", "pages"],
    queryFn: ({ pageParam }) =>
      answer(http.GET("/v1/feed", { params: { query: { limit: A_PAGE, ...(pageParam && { after: pageParam }) } } })),
    initialPageParam: "",
    getNextPageParam: (page) => (page.has_more ? page.last_id : undefined),
    refetchInterval: 10_000, // no event tells what other keys publish
  });
  const posts = found.data?.pages.flatMap((page) => page.data) ?? [];
  const [params, setParams] = useSearchParams();
  const open = params.get("film");
  const shown = usePost(open, posts);
  return (
    <>
      <PageHead title={<Trans>Feed</Trans>} />
      <ErrorLine error={found.error} />
      {found.isSuccess && posts.length === 0 && <Empty />}
      <div className="grid">
        {posts.map((post) => (
          <PostTile key={post.id} post={post} onOpen={() => setParams({ film: post.id })} />
        ))}
      </div>
      {found.hasNextPage && (
        <Group justify="center" mt="lg">
          <Button variant="default" onClick={() => void found.fetchNextPage()} loading={found.isFetchingNextPage}>
            <Trans>Show more</Trans>
          </Button>
        </Group>
      )}
      {shown && <PostDialog post={shown} onClose={() => setParams({})} />}
    </>
  );
}

/** The post of a film that an address names, be it on a page that is loaded or not. */
function usePost(id: string | null, posts: readonly Post[]): Post | undefined {
  const loaded = posts.find((post) => post.id === id);
  const query = { video: id ?? "" };
  const found = api.useQuery("get", "/v1/feed", { params: { query } }, { enabled: id !== null && !loaded });
  return id === null ? undefined : (loaded ?? found.data?.data[0]);
}

/** A film of the feed: it plays while it is pointed at or has the focus. */
function PostTile({ post, onOpen }: { post: Post; onOpen: () => void }): ReactNode {
  const [playing, setPlaying] = useState(false);
  const { t } = useLingui();
  const name = filmName(post);
  const play = (): void => setPlaying(true);
  const rest = (): void => setPlaying(false);
  const events = { onMouseEnter: play, onMouseLeave: rest, onFocus: play, onBlur: rest };
  return (
    <UnstyledButton onClick={onOpen} {...events} aria-label={t`Open ${name}`} className={classes.tile}>
      <span className={ratioOf(post.size) < 1.2 ? `${classes.picture} ${classes.tall}` : classes.picture}>
        <img src={postAddress(post.id, "thumbnail")} alt="" loading="lazy" />
        {playing && <video src={postAddress(post.id, "video")} autoPlay muted loop playsInline />}
        <span className={classes.length}>{filmLength(post.seconds)}</span>
        {post.own && (
          <span className={classes.own}>
            <Trans>Yours</Trans>
          </span>
        )}
      </span>
      <Text size="sm" mt={6} lineClamp={2} dir="auto">
        {name}
      </Text>
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
