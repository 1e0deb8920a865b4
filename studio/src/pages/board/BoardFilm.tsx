/** The film of a board: how far it is, and, when it is done, a way to make one of its cards again. */

import { Trans, useLingui } from "@lingui/react/macro";
import { Anchor, Button, Group, Menu, Paper, Stack, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { IconRefresh } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link } from "react-router";

import { address } from "@/api/base";
import { useVideo } from "@/api/videos";
import { ErrorLine } from "@/parts/ErrorLine";
import { FilmProgress } from "@/parts/FilmProgress";
import { Player } from "@/parts/Player";

export interface BoardFilmProps {
  id: string;
  /** What each card of the film shows. */
  cards: readonly string[];
  /** Makes one card again, by its place from 0. */
  onRetake: (index: number) => Promise<void>;
}

export function BoardFilm({ id, cards, onRetake }: BoardFilmProps): ReactNode {
  const video = useVideo(id);
  const retake = useMutation({ mutationFn: onRetake });
  const { t } = useLingui();
  if (!video) return null;
  return (
    <Paper withBorder p="md" component="section" aria-label={t`The film of the board`}>
      <Stack gap="sm" maw={860}>
        <Title order={2} size="h4">
          <Trans>The film</Trans>
        </Title>
        {video.status === "completed" ? <Player id={video.id} label={video.title ?? t`The film of the board`} /> : <FilmProgress video={video} />}
        {video.status === "completed" && (
          <Group>
            <Menu>
              <Menu.Target>
                <Button variant="default" leftSection={<IconRefresh size={18} aria-hidden />} loading={retake.isPending}>
                  <Trans>Make a card again</Trans>
                </Button>
              </Menu.Target>
              <Menu.Dropdown mah={360} style={{ overflowY: "auto" }}>
                {cards.map((prompt, index) => (
                  <Menu.Item key={index} onClick={() => retake.mutate(index)} maw={420}>
                    {index + 1}. <bdi>{prompt}</bdi>
                  </Menu.Item>
                ))}
              </Menu.Dropdown>
            </Menu>
            <Anchor component={Link} to={`/films/${video.id}`}>
              <Trans>Open the film</Trans>
            </Anchor>
            <Anchor href={address(`/v1/videos/${video.id}/timeline.xml`)} download>
              <Trans>Premiere XML</Trans>
            </Anchor>
          </Group>
        )}
        <ErrorLine error={retake.error} />
      </Stack>
    </Paper>
  );
}
