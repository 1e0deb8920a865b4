import { Trans, useLingui } from "@lingui/react/macro";
import { Modal, Stack, Tabs, Text } from "@mantine/core";
import type { ReactNode } from "react";

import { allows, useSession } from "@/api/session";
import { filmName } from "@/parts/filmName";

import { type Post, postAddress } from "./Feed";
import { HidePost, RemixPost, ReportPost, TakeBackPost } from "./PostActions";

/** A film of the feed, and what can be done with it. */
export function PostDialog({ post, onClose }: { post: Post; onClose: () => void }): ReactNode {
  const { t } = useLingui();
  const session = useSession();
  const name = filmName(post);
  const { model, size, seconds } = post;
  return (
    <Modal opened onClose={onClose} title={<bdi>{name}</bdi>} size="xl" closeButtonProps={{ "aria-label": t`Close` }}>
      <Stack gap="sm">
        <video className="screen" src={postAddress(post.id, "video")} controls playsInline autoPlay loop muted aria-label={name} style={{ maxHeight: "38vh" }} />
        {post.prompt && post.prompt !== name && (
          <Text size="sm" dir="auto">
            {post.prompt}
          </Text>
        )}
        <Text size="xs" c="dimmed">
          <Trans>
            {size} pixels, {seconds} s, made by {model}
          </Trans>
        </Text>
        <Tabs defaultValue="remix">
          <Tabs.List>
            <Tabs.Tab value="remix">
              <Trans>Remix</Trans>
            </Tabs.Tab>
            {post.own ? (
              <Tabs.Tab value="back">
                <Trans>Take back</Trans>
              </Tabs.Tab>
            ) : (
              <Tabs.Tab value="report">
                <Trans>Report</Trans>
              </Tabs.Tab>
            )}
            {allows(session, "admin") && (
              <Tabs.Tab value="hide">
                <Trans>Hide</Trans>
              </Tabs.Tab>
            )}
          </Tabs.List>
          <Tabs.Panel value="remix" pt="sm">
            <RemixPost post={post} />
          </Tabs.Panel>
          <Tabs.Panel value="back" pt="sm">
            <TakeBackPost post={post} onDone={onClose} />
          </Tabs.Panel>
          <Tabs.Panel value="report" pt="sm">
            <ReportPost post={post} />
          </Tabs.Panel>
          <Tabs.Panel value="hide" pt="sm">
            <HidePost post={post} onDone={onClose} />
          </Tabs.Panel>
        </Tabs>
      </Stack>
    </Modal>
  );
}
