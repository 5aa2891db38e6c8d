"use client";

import { CircleCheck, CircleX, Ellipsis, Plus } from "lucide-react";
import Link from "@/components/ui/link";
import { useCallback, useMemo, useState } from "react";
import { useMutation, useQuery } from "urql";
import { useHere } from "@/components/session/session-provider";
import { Header } from "@/components/shell/header";
import { Button } from "@/components/ui/button";
import { Empty, SkeletonRows, Trouble } from "@/components/ui/empty";
import { Menu } from "@/components/ui/menu";
import { Cell, Head, Row, Table } from "@/components/ui/table";
import { useToast } from "@/components/ui/toast";
import { ConnectionKindsDocument, ConnectionsPageDocument, DeleteConnectionDocument, TestConnectionDocument, type ConnectionKindsQuery, type ConnectionsPageQuery } from "@/gql/graphql";
import { ago, exact } from "@/lib/format";
import { failure } from "@/lib/graphql/result";
import { useNow } from "@/lib/now";
import { usePages } from "@/lib/pages";
import { ConnectionDialog } from "./connection-dialog";

export type ConnectionItem = NonNullable<ConnectionsPageQuery["connections"]>["nodes"][number];
export type Kind = NonNullable<ConnectionKindsQuery["apps"]>[number]["connectionKinds"][number];

/** Credentials for elsewhere: made, tested, and where they are used. Their secrets are never shown again. */
export function ConnectionsPage() {
  const { workspace } = useHere();
  const variables = useCallback((after: string | null) => ({ workspaceId: workspace.id, after }), [workspace.id]);
  const pages = usePages(ConnectionsPageDocument, variables, (data) => data.connections);
  const [{ data }] = useQuery({ query: ConnectionKindsDocument });
  const kinds = useMemo(() => (data?.apps ?? []).flatMap((app) => app.connectionKinds), [data]);
  const [edited, setEdited] = useState<ConnectionItem | "new" | null>(null);
  const { rows, error } = pages;
  const make = <Button look="primary" onClick={() => setEdited("new")}><Plus aria-hidden size={16} /> New connection</Button>;
  return (
    <>
      <Header title="Connections">{rows?.length ? make : null}</Header>
      <div className="min-h-0 flex-1 overflow-y-auto">
        {error && !rows ? (
          <Trouble title="The connections could not be loaded" action={<Button onClick={pages.reload}>Try again</Button>}>Zips go on using them.</Trouble>
        ) : !rows ? (
          <SkeletonRows rows={3} />
        ) : rows.length === 0 ? (
          <Empty title="No connections yet" action={make}>A connection keeps a password or a token sealed, so that steps can use it without anybody seeing it.</Empty>
        ) : (
          <Table label="Connections" head={<><Head>Name</Head><Head className="max-sm:hidden">Kind</Head><Head className="max-lg:hidden">Goes to</Head><Head>Test</Head><Head className="max-md:hidden">Used by</Head><Head><span className="sr-only">Actions</span></Head></>}>
            {rows.map((connection) => (
              <ConnectionRow key={connection.id} connection={connection} kind={kinds.find((kind) => kind.key === connection.kind)} onEdit={() => setEdited(connection)} onChanged={pages.reload} />
            ))}
          </Table>
        )}
        {pages.hasMore ? <div className="p-4 text-center"><Button busy={pages.loading} onClick={pages.more}>Show more</Button></div> : null}
      </div>
      {edited ? (
        <ConnectionDialog
          kinds={kinds}
          connection={edited === "new" ? null : edited}
          onClose={() => setEdited(null)}
          onSaved={() => {
            setEdited(null);
            void pages.reload();
          }}
        />
      ) : null}
    </>
  );
}

type ConnectionRowProps = { connection: ConnectionItem; kind: Kind | undefined; onEdit: () => void; onChanged: () => void };

function ConnectionRow({ connection, kind, onEdit, onChanged }: ConnectionRowProps) {
  const now = useNow();
  const say = useToast();
  const [{ fetching }, test] = useMutation(TestConnectionDocument);
  const [, remove] = useMutation(DeleteConnectionDocument);
  async function tryIt() {
    const { data, error } = await test({ connectionId: connection.id });
    const wrong = failure(data?.testConnection, error);
    if (wrong) say(wrong, { bad: true });
    onChanged();
  }
  async function drop() {
    const { data, error } = await remove({ connectionId: connection.id });
    const wrong = failure(data?.deleteConnection, error);
    say(wrong ?? `“${connection.name}” was deleted, its secret with it.`, { bad: Boolean(wrong) });
    if (!wrong) onChanged();
  }
  return (
    <Row>
      <Cell className="max-w-0 w-[26%] min-w-32"><button type="button" dir="auto" onClick={onEdit} className="block max-w-full truncate rounded-2 text-left font-strong hover:underline">{connection.name}</button></Cell>
      <Cell className="max-sm:hidden">{kind?.title ?? connection.kind}</Cell>
      <Cell className="mono max-w-0 w-[18%] truncate max-lg:hidden">{connection.hosts.join(", ")}</Cell>
      <Cell className="max-w-0 w-[26%] min-w-28"><TestResult test={connection.lastTest} now={now} /></Cell>
      <Cell className="max-md:hidden"><UsedBy connection={connection} /></Cell>
      <Cell right className="w-10">
        <Menu
          trigger={<Button look="ghost" size="small" icon aria-label={`Actions for ${connection.name}`} busy={fetching}><Ellipsis aria-hidden size={16} /></Button>}
          items={[
            ...(kind?.isTestable === false ? [] : [{ words: "Test", onSelect: tryIt }]),
            { words: "Edit", onSelect: onEdit },
            "line",
            { words: "Delete", danger: true, onSelect: drop },
          ]}
        />
      </Cell>
    </Row>
  );
}

function TestResult({ test, now }: { test: ConnectionItem["lastTest"]; now: Date }) {
  if (!test) return <span className="text-ink-3">Not tested</span>;
  const Icon = test.isOk ? CircleCheck : CircleX;
  return (
    <span className={`flex min-w-0 items-center gap-1.5 ${test.isOk ? "text-ok-ink" : "text-bad-ink"}`} title={exact(test.testedAt)}>
      <Icon aria-hidden size={14} strokeWidth={1.75} className="shrink-0" />
      <span className="truncate">{test.isOk ? `Works, ${ago(test.testedAt, now)}` : test.message}</span>
    </span>
  );
}

function UsedBy({ connection }: { connection: ConnectionItem }) {
  const zips = connection.usedBy.flatMap((use) => (use.zip ? [use.zip] : []));
  if (zips.length === 0) return <span className="text-ink-3">No zip</span>;
  return (
    <span className="flex flex-wrap gap-x-2">
      {zips.slice(0, 3).map((zip) => <Link key={zip.id} dir="auto" href={`/zips/${zip.id}`} className="max-w-48 truncate hover:underline">{zip.name}</Link>)}
      {zips.length > 3 ? <span className="text-ink-3">+{zips.length - 3}</span> : null}
    </span>
  );
}
