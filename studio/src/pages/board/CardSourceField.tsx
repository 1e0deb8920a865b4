/** What a card is: words alone, or words that begin with a still or a clip. */

import { Trans, useLingui } from "@lingui/react/macro";
import { Button, FileButton, Group, Modal, Progress, SegmentedControl, Stack, Text, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";

import { contentAddress } from "@/api/base";
import { api, type Schemas, sendForm } from "@/api/client";
import { ErrorLine } from "@/parts/ErrorLine";

import type { CardSource } from "./board";

type Kind = "text" | CardSource["as"];

export function CardSourceField({
  source,
  onChange,
}: {
  source: CardSource | null;
  onChange: (source: CardSource | null) => void;
}): ReactNode {
  const { t } = useLingui();
  const [kind, setKind] = useState<Kind>(source?.as ?? "text");
  const choose = (next: string): void => {
    setKind(next as Kind);
    if (next === "text") onChange(null);
    else if (source) onChange({ ...source, as: next as CardSource["as"] });
  };
  return (
    <Stack gap="xs">
      <SegmentedControl
        aria-label={t`What the card begins with`}
        value={kind}
        onChange={choose}
        data={[
          { value: "text", label: t`Words alone` },
          { value: "image", label: t`A still` },
          { value: "clip", label: t`A clip` },
        ]}
      />
      {kind !== "text" && <Chooser kind={kind} source={source} onChange={onChange} />}
    </Stack>
  );
}

function Chooser({
  kind,
  source,
  onChange,
}: {
  kind: CardSource["as"];
  source: CardSource | null;
  onChange: (source: CardSource) => void;
}): ReactNode {
  const [open, { open: show, close }] = useDisclosure(false);
  const [share, setShare] = useState(0);
  const { t } = useLingui();
  const upload = useMutation({
    mutationFn: async (file: File) => {
      const form = new FormData();
      form.append("file", file);
      const kept = await sendForm<Schemas["File"]>("/v1/files", form, setShare);
      onChange({ as: kind, ref: kept.id, name: file.name });
    },
  });
  const pick = (id: string, name: string): void => {
    onChange({ as: kind, ref: id, name });
    close();
  };
  return (
    <>
      <Group gap="xs">
        <FileButton
          onChange={(file) => file && upload.mutate(file)}
          accept={kind === "image" ? "image/*" : "video/*,image/gif"}
          inputProps={{ "aria-label": kind === "image" ? t`Picture file` : t`Clip file`, tabIndex: -1 }}
        >
          {(props) => (
            <Button variant="default" size="xs" {...props}>
              <Trans>Upload a file</Trans>
            </Button>
          )}
        </FileButton>
        <Button variant="default" size="xs" onClick={show}>
          <Trans>Choose from the library</Trans>
        </Button>
        {source && (
          <Text size="sm" c="dimmed" truncate maw={240} dir="auto">
            {source.name}
          </Text>
        )}
      </Group>
      {upload.isPending && <Progress value={share * 100} aria-label={t`Upload`} />}
      <ErrorLine error={upload.error} />
      <Modal opened={open} onClose={close} title={t`Choose a film`} size="lg" closeButtonProps={{ "aria-label": t`Close` }}>
        <Films onPick={pick} />
      </Modal>
    </>
  );
}

/** The newest finished films. */
function Films({ onPick }: { onPick: (id: string, name: string) => void }): ReactNode {
  const found = api.useQuery("get", "/v1/library", { params: { query: { status: "completed", limit: 40 } } });
  if (found.data?.data.length === 0) return <Trans>There is no finished film yet.</Trans>;
  return (
    <div className="grid" style={{ "--studio-tile": "9rem" } as React.CSSProperties}>
      {found.data?.data.map((video) => {
        const name = video.title ?? video.prompt ?? video.id;
        return (
          <UnstyledButton key={video.id} onClick={() => onPick(video.id, name)}>
            <img src={contentAddress(video.id, "thumbnail")} alt="" className="screen" style={{ width: "100%" }} />
            <Text size="xs" lineClamp={2} dir="auto">
              {name}
            </Text>
          </UnstyledButton>
        );
      })}
      <ErrorLine error={found.error} />
    </div>
  );
}
