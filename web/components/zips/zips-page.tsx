"use client";

import { FolderClosed, Search } from "lucide-react";
import { useEffect, useEffectEvent, useMemo, useRef, useState } from "react";
import { useQuery } from "urql";
import { useHere } from "@/components/session/session-provider";
import { Header } from "@/components/shell/header";
import { Button } from "@/components/ui/button";
import { Empty, SkeletonRows, Trouble } from "@/components/ui/empty";
import { Select } from "@/components/ui/field";
import { Keys } from "@/components/ui/keys";
import { More } from "@/components/ui/more";
import { Segmented } from "@/components/ui/segmented";
import { Head, Table } from "@/components/ui/table";
import { FoldersDocument, type ZipState } from "@/gql/graphql";
import { useShortcuts } from "@/lib/shortcuts";
import { useUrlState } from "@/lib/url-state";
import { Starters } from "./starters";
import { useZips, type ZipListItem } from "./use-zips";
import { ZipRow } from "./zip-row";

const STATES = { all: null, live: "LIVE", draft: "DRAFT", paused: "PAUSED" } as const satisfies Record<string, ZipState | null>;
const FILTERS = ["search", "state", "folder"] as const;
// Folders are there as long as zips are in them: they are asked for anew after a change of one.
const OF_ZIPS = { additionalTypenames: ["Zip"] };
const TYPING_PAUSE = 200; // milliseconds

/** All zips of the workspace, by folder. */
export function ZipsPage() {
  const { workspace } = useHere();
  const [query, setQuery] = useUrlState(FILTERS);
  const state = query.state in STATES ? (query.state as keyof typeof STATES) : "all";
  const filter = useMemo(
    () => ({ search: query.search || null, states: STATES[state] ? [STATES[state]] : null, folder: query.folder || null }),
    [query.search, query.folder, state],
  );
  const pages = useZips(workspace.id, filter);
  const { zips, hasMore, error, fetching, reload } = pages;
  const filtered = Boolean(query.search || query.folder || state !== "all");
  const [{ data: offered }] = useQuery({ query: FoldersDocument, variables: { workspaceId: workspace.id }, context: OF_ZIPS });
  const folders = offered?.workspace?.folders ?? [];
  // While others are asked for, none of what was searched for is not none at all.
  const isFirstRun = zips?.length === 0 && !filtered && !fetching;

  return (
    <>
      <Header title="Zips" aside={zips && !isFirstRun ? <span className="text-ink-3 tabular-nums">{hasMore ? `${zips.length}+` : zips.length}</span> : null}>
        {isFirstRun ? null : <SearchBox value={query.search} onChange={(search) => setQuery({ search })} />}
      </Header>
      {isFirstRun ? null : <div className="flex h-12 shrink-0 items-center gap-3 overflow-x-auto border-b border-line px-6 max-sm:px-4">
        <Segmented
          label="State"
          value={state}
          onChange={(value) => setQuery({ state: value === "all" ? "" : value })}
          options={[
            { value: "all", label: "All" },
            { value: "live", label: "Live" },
            { value: "draft", label: "Draft" },
            { value: "paused", label: "Paused" },
          ]}
        />
        {folders.length > 0 || query.folder ? <FolderSelect folders={folders} value={query.folder} onChange={(folder) => setQuery({ folder })} /> : null}
      </div>}
      <div className="min-h-0 flex-1 overflow-y-auto">
        {error && !zips ? (
          <Trouble title="The list could not be loaded" action={<Button onClick={reload}>Try again</Button>}>
            Your zips are stored and run on.
          </Trouble>
        ) : !zips ? (
          fetching ? <SkeletonRows /> : null
        ) : isFirstRun ? (
          <Starters />
        ) : zips.length === 0 ? (
          <Empty title="No zip matches" action={<Button onClick={() => setQuery({ search: "", state: "", folder: "" })}>Show all zips</Button>}>
            {emptyWords(query.search, state, query.folder)}
          </Empty>
        ) : (
          <>
            <ZipTable zips={zips} folders={folders} />
            <More of={pages}>Show older zips</More>
          </>
        )}
      </div>
    </>
  );
}

/** Which of the filters leave nothing over. */
function emptyWords(search: string, state: string, folder: string): string {
  const by = [state === "all" ? "" : `is ${state}`, search ? `has “${search}” in its name` : "", folder ? `is in the folder “${folder}”` : ""].filter(Boolean);
  return `There is none that ${by.join(" and ")}.`;
}

function FolderSelect({ folders, value, onChange }: { folders: string[]; value: string; onChange: (folder: string) => void }) {
  return (
    <label className="flex shrink-0 items-center gap-2 text-ink-3">
      <span>Folder</span>
      <Select dir="auto" value={value} onChange={(event) => onChange(event.target.value)} className="w-auto! max-w-52">
        <option value="">Any</option>
        {(value && !folders.includes(value) ? [value, ...folders] : folders).map((folder) => <option key={folder} value={folder}>{folder}</option>)}
      </Select>
    </label>
  );
}

function ZipTable({ zips, folders: names }: { zips: ZipListItem[]; folders: string[] }) {
  const groups = useMemo(() => {
    const found = new Map<string, ZipListItem[]>();
    for (const zip of zips) found.set(zip.folder ?? "", [...(found.get(zip.folder ?? "") ?? []), zip]);
    return [...found].sort(([a], [b]) => a.localeCompare(b));
  }, [zips]);
  const titled = groups.some(([folder]) => folder);
  return (
    <Table
      label="Zips"
      head={
        <>
          <Head>Name</Head>
          <Head className="max-sm:hidden xl:w-52">State</Head>
          <Head className="max-md:hidden xl:w-44">Steps</Head>
          <Head className="max-lg:hidden xl:w-36">Last 24 hours</Head>
          <Head right className="w-20 max-sm:hidden">Runs</Head>
          <Head right className="w-20 max-sm:hidden">Failed</Head>
          <Head className="w-32 max-md:hidden">Last run</Head>
          <Head className="w-16"><span className="sr-only">Actions</span></Head>
        </>
      }
    >
      {groups.map(([folder, members]) => (
        <FolderRows key={folder} folder={folder} zips={members} folders={names} titled={titled} />
      ))}
    </Table>
  );
}

function FolderRows({ folder, zips, folders, titled }: { folder: string; zips: ZipListItem[]; folders: string[]; titled: boolean }) {
  return (
    <>
      {titled ? (
        <tr className="h-8 bg-well text-12 text-ink-3">
          <th colSpan={8} scope="rowgroup" className="max-w-0 border-b border-line px-6 text-left font-strong max-sm:px-4">
            <span className="flex items-center gap-1.5">
              {folder ? <FolderClosed aria-hidden size={14} strokeWidth={1.75} className="shrink-0" /> : null}
              <span dir="auto" className="truncate">{folder || "No folder"}</span>
              <span className="font-text tabular-nums">{zips.length}</span>
            </span>
          </th>
        </tr>
      ) : null}
      {zips.map((zip) => (
        <ZipRow key={zip.id} zip={zip} folders={folders} />
      ))}
    </>
  );
}

/** Types into the URL after a short pause, so that the address can be shared and “back” works. */
function SearchBox({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(value);
  const [sent, setSent] = useState(value);
  const [seen, setSeen] = useState(value);
  // Taken off by something else.
  if (value !== seen) {
    setSeen(value);
    if (value !== sent) {
      setSent(value);
      setTyped(value);
    }
  }
  useShortcuts({ "/": () => field.current?.focus() });
  const send = useEffectEvent(() => {
    setSent(typed);
    onChange(typed);
  });
  useEffect(() => {
    if (typed === sent) return;
    const timer = setTimeout(() => send(), TYPING_PAUSE);
    return () => clearTimeout(timer);
  }, [typed, sent]);
  return (
    <label className="flex h-8 w-64 items-center gap-2 rounded-2 border border-control px-2.5 focus-within:shadow-(--ring) max-sm:h-10 max-sm:w-48">
      <Search aria-hidden size={16} strokeWidth={1.75} className="shrink-0 text-ink-3" />
      <span className="sr-only">Search zips by name</span>
      <input ref={field} type="search" value={typed} onChange={(event) => setTyped(event.target.value)} placeholder="Search by name" className="peer min-w-0 flex-1 bg-transparent outline-none focus-visible:shadow-none max-sm:text-16" />
      <span className="peer-focus:hidden max-sm:hidden"><Keys of="/" /></span>
    </label>
  );
}
