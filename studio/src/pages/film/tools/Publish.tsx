import { Trans } from "@lingui/react/macro";
import { Anchor, Button, Group, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "react-router";

import { api, http } from "@/api/client";
import { changed } from "@/api/queries";
import { ErrorLine } from "@/parts/ErrorLine";

import type { ToolProps } from "../Tools";

/** The film in the feed of this server, which all of its keys see. */
export function Publish({ video }: ToolProps): ReactNode {
  const { data, error } = api.useQuery("get", "/v1/feed", { params: { query: { video: video.id } } });
  const isPublished = (data?.data.length ?? 0) > 0;
  const params = { params: { path: { video_id: video.id } } };
  const change = useMutation({
    mutationFn: async () => {
      if (isPublished) await http.DELETE("/v1/videos/{video_id}/publish", params);
      else await http.POST("/v1/videos/{video_id}/publish", params);
    },
    onSettled: () => changed("/v1/feed"),
  });
  return (
    <Stack gap="sm">
      <Text size="sm" role="status">
        {isPublished ? (
          <Trans>This film is in the feed: every key of this server sees it with its title and prompt.</Trans>
        ) : (
          <Trans>In the feed, every key of this server sees the film with its title and prompt, and may remix it.</Trans>
        )}
      </Text>
      <ErrorLine error={error ?? change.error} />
      <Group>
        <Button
          variant={isPublished ? "default" : "filled"}
          onClick={() => change.mutate()}
          loading={change.isPending}
          disabled={data === undefined}
        >
          {isPublished ? <Trans>Take it back</Trans> : <Trans>Publish</Trans>}
        </Button>
        {isPublished && (
          <Anchor component={Link} to="/feed" size="sm" underline="always">
            <Trans>Open the feed</Trans>
          </Anchor>
        )}
      </Group>
    </Stack>
  );
}
