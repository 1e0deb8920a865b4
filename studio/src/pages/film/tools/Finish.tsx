import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, NumberInput, Select, Slider, Stack, Text } from "@mantine/core";
import { type FormEvent, type ReactNode, useEffect, useId, useState } from "react";
import { useNavigate } from "react-router";

import type { Schemas } from "@/api/client";
import { useDraft } from "@/drafts/useDraft";
import { ErrorLine } from "@/parts/ErrorLine";

import { FORMATS, type Format, useExports, useMakeExport } from "../exports";
import type { ToolProps } from "../Tools";
import { ExportList } from "./ExportList";

const LIBRARY = "library";
const PLAIN = { exposure: 0, contrast: 1, saturation: 1, temperature: 0 };
type Grade = typeof PLAIN;

/** Another size, another rate, a grade: as a film of the library or as a file. */
export function Finish({ video }: ToolProps): ReactNode {
  const [initial] = useState(() => {
    const [width = 0, height = 0] = video.size.split("x").map(Number);
    return { width, height, fps: video.fps, fit: "crop" as const, ...PLAIN, result: LIBRARY as typeof LIBRARY | Format };
  });
  const draft = useDraft(`film.${video.id}.finish`, initial);
  const make = useMakeExport(video.id);
  useOpened(video.id, make.data);
  const { t } = useLingui();
  const { width, height, fps, result, exposure, contrast, saturation, temperature } = draft.value;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const size = `${width}x${height}`;
    make.mutate({
      format: result === LIBRARY ? "mp4" : result,
      library: result === LIBRARY,
      grade: { exposure, contrast, saturation, temperature },
      ...(size !== video.size && { size }),
      ...(fps !== null && fps !== video.fps && { fps }),
    });
  };
  const names = { library: t`A film of the library`, mp4: t`A file: MP4`, webm: t`A file: WebM`, gif: t`A file: GIF`, frames: t`Files: PNG` };
  const results = ([LIBRARY, ...FORMATS] as const).map((value) => ({ value, label: names[value] }));
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Group grow gap="xs" align="flex-end">
          <Side label={t`Width`} value={width} onChange={(said) => draft.change({ width: said })} />
          <Side label={t`Height`} value={height} onChange={(said) => draft.change({ height: said })} />
          <NumberInput
            label={t`Frames a second`}
            value={fps ?? ""}
            min={1}
            max={60}
            onChange={(said) => draft.change({ fps: typeof said === "number" ? said : null })}
          />
        </Group>
        <GradeFields value={{ exposure, contrast, saturation, temperature }} onChange={draft.change} />
        <Select
          label={t`Result`}
          data={results}
          value={result}
          onChange={(chosen) => draft.change({ result: FORMATS.find((each) => each === chosen) ?? LIBRARY })}
          allowDeselect={false}
        />
        <ErrorLine error={make.error} />
        <Group>
          <Button type="submit" loading={make.isPending}>
            <Trans>Finish the film</Trans>
          </Button>
          <Button variant="subtle" onClick={() => draft.change(initial)}>
            <Trans>As the film is</Trans>
          </Button>
        </Group>
        <ExportList video={video.id} />
      </Stack>
    </form>
  );
}

/** Opens the film that an export of this form has become. */
function useOpened(video: string, made: Schemas["Export"] | undefined): void {
  const navigate = useNavigate();
  const result = useExports(video)?.find(({ id }) => id === made?.id)?.result_video_id;
  useEffect(() => {
    if (result) void navigate(`/films/${result}`);
  }, [result, navigate]);
}

function Side({ label, value, onChange }: { label: string; value: number; onChange: (value: number) => void }): ReactNode {
  return (
    <NumberInput
      label={label}
      value={value}
      min={64}
      max={4096}
      step={2}
      allowDecimal={false}
      onChange={(said) => typeof said === "number" && onChange(said)}
    />
  );
}

interface GradeProps {
  value: Grade;
  onChange: (value: Partial<Grade>) => void;
}

/** Light and colours; docs/cli.md describes the numbers. */
function GradeFields({ value, onChange }: GradeProps): ReactNode {
  const { t } = useLingui();
  const bounds: [keyof Grade, string, number, number][] = [
    ["exposure", t`Exposure, in stops`, -4, 4],
    ["contrast", t`Contrast`, 0, 3],
    ["saturation", t`Saturation`, 0, 3],
    ["temperature", t`Temperature: colder or warmer`, -1, 1],
  ];
  return (
    <Stack gap={6}>
      {bounds.map(([name, label, low, high]) => (
        <GradeField key={name} label={label} low={low} high={high} value={value[name]} onChange={(said) => onChange({ [name]: said })} />
      ))}
    </Stack>
  );
}

interface GradeFieldProps {
  label: string;
  low: number;
  high: number;
  value: number;
  onChange: (value: number) => void;
}

function GradeField({ label, low, high, value, onChange }: GradeFieldProps): ReactNode {
  const id = useId();
  return (
    <div>
      <Group justify="space-between">
        <Text size="sm" id={id}>
          {label}
        </Text>
        <Text size="sm" c="dimmed" aria-hidden>
          {value}
        </Text>
      </Group>
      <Slider
        thumbProps={{ "aria-labelledby": id }}
        value={value}
        min={low}
        max={high}
        step={0.05}
        onChange={(said) => onChange(Math.round(said * 100) / 100)}
        label={null}
        mt={6}
        mb={8}
        size="sm"
        thumbSize={24}
      />
    </div>
  );
}
