import { Trans, useLingui } from "@lingui/react/macro";
import { Button, SimpleGrid, Stack, Text } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import type { ReactNode } from "react";

import { address, contentAddress } from "@/api/base";
import { ErrorLine } from "@/parts/ErrorLine";

import { cardsOf } from "../cards";
import { useMakeExport } from "../exports";
import type { ToolProps } from "../Tools";
import { ExportList } from "./ExportList";

/** The film as a file of another kind. MP4 is what it is; the others are made first. */
export function Download({ video }: ToolProps): ReactNode {
  const make = useMakeExport(video.id);
  const { t } = useLingui();
  const isBoard = cardsOf(video).length > 0;
  const other = (format: "webm" | "gif" | "frames", label: string): ReactNode => (
    <Button
      variant="default"
      onClick={() => make.mutate({ format })}
      loading={make.isPending && make.variables.format === format}
    >
      {label}
    </Button>
  );
  const symbol = <IconDownload size={16} aria-hidden />;
  return (
    <Stack gap="sm">
      <SimpleGrid cols={2} spacing="xs">
        <Button component="a" href={contentAddress(video.id)} download={`${video.id}.mp4`} leftSection={symbol}>
          MP4
        </Button>
        {other("webm", "WebM")}
        {other("gif", "GIF")}
        {other("frames", t`Frames (PNG)`)}
      </SimpleGrid>
      {isBoard && (
        <>
          <Button
            component="a"
            variant="default"
            href={address(`/v1/videos/${video.id}/timeline.xml`)}
            download={`${video.id}.xml`}
            leftSection={symbol}
          >
            <Trans>Premiere XML</Trans>
          </Button>
          <Text size="xs" c="dimmed">
            <Trans>A timeline with a clip for each card. Keep it beside the MP4.</Trans>
          </Text>
        </>
      )}
      <ErrorLine error={make.error} />
      <ExportList video={video.id} />
    </Stack>
  );
}
