import { Table, Text } from "@mantine/core";
import type { ReactNode } from "react";

import { ErrorLine } from "@/parts/ErrorLine";

export interface Column<Row> {
  title: string;
  cell: (row: Row) => ReactNode;
  /** Numbers stand at the end of their column. */
  end?: boolean;
}

export interface ListingProps<Row> {
  /** What a screen reader calls the table. */
  label: string;
  rows: readonly Row[] | undefined;
  columns: readonly Column<Row>[];
  keyOf: (row: Row) => string;
  /** What is said where there are no rows. */
  empty: ReactNode;
  error: unknown;
}

/** A table that scrolls sideways on a phone. */
export function Listing<Row>({ label, rows, columns, keyOf, empty, error }: ListingProps<Row>): ReactNode {
  if (error) return <ErrorLine error={error} />;
  if (rows?.length === 0) return <Text c="dimmed">{empty}</Text>;
  return (
    <Table.ScrollContainer minWidth={560} scrollAreaProps={{ viewportProps: { tabIndex: 0, "aria-label": label, role: "group" } }}>
      <Table aria-label={label} striped highlightOnHover verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            {columns.map(({ title, end }) => (
              <Table.Th key={title} ta={end ? "end" : "start"}>
                {title}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows?.map((row) => (
            <Table.Tr key={keyOf(row)}>
              {columns.map(({ title, cell, end }) => (
                <Table.Td key={title} ta={end ? "end" : "start"} style={{ overflowWrap: "anywhere" }}>
                  {cell(row)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
