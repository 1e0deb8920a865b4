import { Trans, useLingui } from "@lingui/react/macro";
import { Modal, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";

import { api } from "@/api/client";

import { filmName } from "./filmName";
import { FilmPicture } from "./FilmPicture";
import classes from "./SourcePicker.module.css";

export interface FilmPickerProps {
  onPick: (id: string) => void;
  onClose: () => void;
}

/** Finished films of the library, the newest first, to choose one of. */
export default function FilmPicker({ onPick, onClose }: FilmPickerProps): ReactNode {
  const [said, setSaid] = useState("");
  const [q] = useDebouncedValue(said.trim(), 250);
  const { t } = useLingui();
  const query = { status: "completed" as const, limit: 48, ...(q && { q }) };
  const { data, isPending } = api.useQuery("get", "/v1/library", { params: { query } }, { placeholderData: keepPreviousData });
  const films = data?.data ?? [];
  return (
    <Modal opened onClose={onClose} title={t`Choose a film`} size="xl" closeButtonProps={{ "aria-label": t`Close` }}>
      <Stack>
        <TextInput
          aria-label={t`Search films`}
          placeholder={t`Search films`}
          value={said}
          onChange={(event) => setSaid(event.currentTarget.value)}
          leftSection={<IconSearch size={16} aria-hidden />}
          data-autofocus
        />
        {films.length === 0 && !isPending && (
          <Text c="dimmed" size="sm" role="status">
            {q ? <Trans>No film has these words.</Trans> : <Trans>There is no finished film yet.</Trans>}
          </Text>
        )}
        <div className={`grid ${classes.films}`}>
          {films.map((film) => (
            <UnstyledButton key={film.id} onClick={() => onPick(film.id)}>
              <FilmPicture film={film} plays={false} />
              <Text size="xs" lineClamp={1} dir="auto" mt={4}>
                {filmName(film)}
              </Text>
            </UnstyledButton>
          ))}
        </div>
      </Stack>
    </Modal>
  );
}
