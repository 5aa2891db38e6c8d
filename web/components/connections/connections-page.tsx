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
import { More } from "@/components/ui/more";
import { Cell, Head, Row, Table } from "@/components/ui/table";
import { useToast } from "@/components/ui/toast";
import { ConnectionDocument, ConnectionKindsDocument, ConnectionsPageDocument, TestConnectionDocument, type ConnectionKindsQuery, type ConnectionsPageQuery } from "@/gql/graphql";
import { ago, exact } from "@/lib/format";
import { failure } from "@/lib/graphql/result";
import { useNow } from "@/lib/now";
import { usePages } from "@/lib/pages";
import { useUrlState } from "@/lib/url-state";
import { ConnectionDialog } from "./connection-dialog";
import { DeleteConnection } from "./delete-connection";

export type ConnectionItem = NonNullable<ConnectionsPageQuery["connections"]>["nodes"][number];
const OPENED = ["connection"] as const;

export type Kind = NonNullable<ConnectionKindsQuery["apps"]>[number]["connectionKinds"][number];

/** Credentials for elsewhere: made, tested, and where they are used. Their secrets are never shown again. */
export function ConnectionsPage() {
  const { workspace } = useHere();
  const variables = useCallback((after: string | null) => ({ workspaceId: workspace.id, after }), [workspace.id]);
  const pages = usePages(ConnectionsPageDocument, variables, (data) => data.connections);
  const [{ data, error: kindsError }, loadKinds] = useQuery({ query: ConnectionKindsDocument });
  const kinds = useMemo(() => (data?.apps ?? []).flatMap((app) => app.connectionKinds), [data]);
  // “new”, or the id of the one that is open: the address leads to it.
  const [{ connection: opened }, setOpened] = useUrlState(OPENED);
  const open = (id: string) => setOpened({ connection: id });
  const { rows, error } = pages;
  const listed = rows?.find((row) => row.id === opened);
  const [{ data: found }] = useQuery({ query: ConnectionDocument, variables: { id: opened }, pause: !rows || !opened || opened === "new" || Boolean(listed) });
  const edited = listed ?? (found?.connection?.id === opened ? found.connection : null);
  const reload = () => {
    void pages.reload();
    loadKinds({ requestPolicy: "network-only" });
  };
  const make = <Button look="primary" onClick={() => open("new")}><Plus aria-hidden size={16} /> New connection</Button>;
  return (
    <>
      <Header title="Connections">{rows?.length ? make : null}</Header>
      <div className="min-h-0 flex-1 overflow-y-auto">
        {(error && !rows) || (kindsError && !data) ? (
          <Trouble title="The connections could not be loaded" action={<Button onClick={reload}>Try again</Button>}>Zips go on using them.</Trouble>
        ) : !rows ? (
          <SkeletonRows rows={3} />
        ) : rows.length === 0 ? (
          <Empty title="No connections yet" action={make}>A connection keeps a password or a token sealed, so that steps can use it without anybody seeing it.</Empty>
        ) : (
          <Table label="Connections" head={<><Head>Name</Head><Head className="max-sm:hidden xl:w-48">Kind</Head><Head className="max-lg:hidden xl:w-[18%]">Goes to</Head><Head className="xl:w-48">Test</Head><Head className="max-md:hidden xl:w-[24%]">Used by</Head><Head className="w-16"><span className="sr-only">Actions</span></Head></>}>
            {rows.map((connection) => (
              <ConnectionRow key={connection.id} connection={connection} kind={kinds.find((kind) => kind.key === connection.kind)} onEdit={() => open(connection.id)} onChanged={pages.reload} />
            ))}
          </Table>
        )}
        <More of={pages}>Show more</More>
      </div>
      {kinds.length && (edited || opened === "new") ? (
        <ConnectionDialog
          key={opened}
          kinds={kinds}
          connection={edited}
          onClose={() => open("")}
          onSaved={() => {
            open("");
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
  const [deleting, setDeleting] = useState(false);
  async function tryIt() {
    const { data, error } = await test({ connectionId: connection.id });
    const wrong = failure(data?.testConnection, error);
    if (wrong) say(wrong, { bad: true });
    onChanged();
  }
  return (
    <Row>
      <Cell className="max-w-0 w-[26%] min-w-32 max-sm:w-full"><button type="button" dir="auto" onClick={onEdit} className="block max-w-full truncate rounded-2 text-left font-strong hover:underline">{connection.name}</button><span className="block truncate text-12 text-ink-3 sm:hidden">{kind?.title ?? connection.kind}</span></Cell>
      <Cell className="whitespace-nowrap max-sm:hidden">{kind?.title ?? connection.kind}</Cell>
      <Cell className="mono max-w-0 w-[18%] truncate max-lg:hidden">{connection.hosts.join(", ")}</Cell>
      <Cell className="max-w-0 w-[20%] min-w-28"><TestResult connection={connection} now={now} onTest={kind?.isTestable === false ? null : tryIt} testing={fetching} /></Cell>
      <Cell className="max-w-0 w-[24%] py-1.5 max-md:hidden"><Uses connection={connection} /></Cell>
      <Cell right>
        <Menu
          trigger={<Button look="ghost" size="small" icon aria-label={`Actions for ${connection.name}`} busy={fetching}><Ellipsis aria-hidden size={16} /></Button>}
          items={[
            ...(kind?.isTestable === false ? [] : [{ words: "Test", onSelect: tryIt }]),
            { words: "Edit", onSelect: onEdit },
            "line",
            { words: "Delete", danger: true, onSelect: () => setDeleting(true) },
          ]}
        />
        {deleting ? (
          <DeleteConnection
            connection={connection}
            onClose={() => setDeleting(false)}
            onDeleted={() => {
              setDeleting(false);
              onChanged();
            }}
          />
        ) : null}
      </Cell>
    </Row>
  );
}

type TestResultProps = { connection: ConnectionItem; now: Date; onTest: (() => void) | null; testing: boolean };

function TestResult({ connection, now, onTest, testing }: TestResultProps) {
  const test = connection.lastTest;
  if (!test && onTest) {
    return <Button size="small" busy={testing} aria-label={`Test ${connection.name}`} onClick={onTest}>{testing ? "Testing" : "Test"}</Button>;
  }
  if (!test) return <span className="text-ink-3">Can’t be tested</span>;
  const Icon = test.isOk ? CircleCheck : CircleX;
  return (
    <span className={`flex min-w-0 items-center gap-1.5 ${test.isOk ? "text-ok-ink" : "text-bad-ink"}`} title={exact(test.testedAt)}>
      <Icon aria-hidden size={14} strokeWidth={1.75} className="shrink-0" />
      <span className="truncate">{test.isOk ? <>Works<span className="max-sm:hidden">, {ago(test.testedAt, now)}</span></> : test.message}</span>
    </span>
  );
}

function Uses({ connection }: { connection: ConnectionItem }) {
  const zips = connection.usedBy.flatMap((use) => (use.zip ? [use.zip] : []));
  if (zips.length === 0) return <span className="text-ink-3">No zip</span>;
  return (
    <span className="grid">
      {zips.slice(0, 3).map((zip) => <Link key={zip.id} dir="auto" href={`/zips/${zip.id}`} className="truncate py-0.5 text-left hover:underline">{zip.name}</Link>)}
      {zips.length > 3 ? <span className="text-ink-3">+{zips.length - 3}</span> : null}
    </span>
  );
}
