/** On narrow screens: the place of the library that is shown, and a way to another one. */

import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Drawer } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconFolder } from "@tabler/icons-react";
import { type ReactNode, useEffect } from "react";

import { type Filters, NO_FOLDER } from "./filters";
import { Folders, useFolders } from "./Folders";

export function PlaceButton({ filters }: { filters: Filters }): ReactNode {
  const [open, { open: show, close }] = useDisclosure(false);
  const { t } = useLingui();
  useEffect(close, [filters.folder, filters.trash]);
  return (
    <>
      <Button hiddenFrom="md" variant="default" size="sm" leftSection={<IconFolder size={16} aria-hidden />} onClick={show}>
        <PlaceName filters={filters} />
      </Button>
      <Drawer opened={open} onClose={close} title={<Trans>Folders</Trans>} size="xs" closeButtonProps={{ "aria-label": t`Close` }}>
        <Folders filters={filters} />
      </Drawer>
    </>
  );
}

function PlaceName({ filters }: { filters: Filters }): ReactNode {
  const folders = useFolders();
  if (filters.trash) return <Trans>Trash</Trans>;
  if (filters.folder === NO_FOLDER) return <Trans>In no folder</Trans>;
  if (!filters.folder) return <Trans>All films</Trans>;
  return <bdi>{folders?.find(({ id }) => id === filters.folder)?.name ?? <Trans>Folder</Trans>}</bdi>;
}
