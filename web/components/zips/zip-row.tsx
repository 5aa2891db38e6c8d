"use client";

import { Copy, Ellipsis, FolderInput, Pause, Play, Trash2, type LucideIcon } from "lucide-react";
import Link from "@/components/ui/link";
import { useState } from "react";
import { useMutation } from "urql";
import { stepsOf } from "@/components/builder/draft";
import { useHere } from "@/components/session/session-provider";
import { Button } from "@/components/ui/button";
import { Menu } from "@/components/ui/menu";
import { onDemand } from "@/components/ui/on-demand";
import { stateOf, StateText } from "@/components/ui/state";
import { Cell, Row } from "@/components/ui/table";
import { AppTile } from "@/components/ui/tile";
import { useToast } from "@/components/ui/toast";
import { CreateZipDocument } from "@/gql/graphql";
import { ago, exact } from "@/lib/format";
import { asIs } from "@/lib/graphql/as-is";
import { failure } from "@/lib/graphql/result";
import { useActKey } from "@/lib/keys";
import { useNow } from "@/lib/now";
import { Sparkline } from "./sparkline";
import { usePause } from "./use-pause";
import type { ZipListItem } from "./use-zips";

const DeleteZip = onDemand(() => import("./delete-zip").then((file) => file.DeleteZip));
const MoveZip = onDemand(() => import("./move-zip").then((file) => file.MoveZip));

const TILES = 4;
const glyph = (Icon: LucideIcon) => <Icon aria-hidden size={16} strokeWidth={1.75} />;

/** One zip: what it is, whether it runs, and how that went lately. */
export function ZipRow({ zip, folders }: { zip: ZipListItem; folders: string[] }) {
  const now = useNow();
  const lastRun = zip.lastRuns[0];
  return (
    <Row>
      <Cell className="max-w-0 min-w-40 w-[34%] max-sm:w-full">
        <Link href={`/zips/${zip.id}`} dir="auto" className="block truncate text-left font-strong hover:underline">
          {zip.name}
        </Link>
        <span className="block text-12 sm:hidden"><StateText state={stateOf(zip.state)} detail={detail(zip)} /></span>
      </Cell>
      <Cell className="max-sm:hidden">
        <StateText state={stateOf(zip.state)} detail={detail(zip)} />
      </Cell>
      <Cell className="max-md:hidden">
        <Tiles zip={zip} />
      </Cell>
      <Cell className="max-lg:hidden">
        <Sparkline hours={zip.stats.hours} now={now} />
      </Cell>
      <Cell right className="max-sm:hidden">{zip.stats.runs.toLocaleString()}{zip.stats.isCapped ? "+" : ""}</Cell>
      <Cell right className={zip.stats.failed ? "text-bad-ink max-sm:hidden" : "text-ink-3 max-sm:hidden"}>{zip.stats.failed}</Cell>
      <Cell className="whitespace-nowrap text-ink-3 max-md:hidden" title={lastRun ? exact(lastRun.createdAt) : undefined}>
        {lastRun ? ago(lastRun.createdAt, now) : "Never"}
      </Cell>
      <Cell right>
        <RowMenu zip={zip} folders={folders} />
      </Cell>
    </Row>
  );
}

function detail(zip: ZipListItem): string | undefined {
  const version = zip.liveVersion ? `v${zip.liveVersion.number}` : undefined;
  return zip.hasUnpublishedChanges && version ? `${version}, changed since` : version;
}

function Tiles({ zip }: { zip: ZipListItem }) {
  const steps = stepsOf(zip.definition);
  const shown = steps.slice(0, TILES);
  return (
    <span className="flex items-center gap-1" role="img" aria-label={`${zip.trigger?.kind ?? "webhook"}, then ${steps.length} steps`}>
      <AppTile size="small" app={zip.trigger?.kind ?? "webhook"} />
      {shown.map((step) => (
        <AppTile key={step.id} size="small" app={step.app} action={step.action} />
      ))}
      {steps.length > TILES ? <span className="text-12 text-ink-3">+{steps.length - TILES}</span> : null}
    </span>
  );
}

function RowMenu({ zip, folders }: { zip: ZipListItem; folders: string[] }) {
  const { workspace } = useHere();
  const say = useToast();
  const [asked, setAsked] = useState<"delete" | "move" | null>(null);
  const { toggle } = usePause(zip);
  const [, create] = useMutation(CreateZipDocument);
  const key = useActKey();

  async function duplicate() {
    const name = `${zip.name.slice(0, 290)} (copy)`;
    const { data, error } = await create({
      input: { workspaceId: workspace.id, name, folder: zip.folder, trigger: zip.trigger?.kind ?? "webhook", definition: asIs(zip.definition), idempotencyKey: key.of([zip.id, zip.revision]) },
    });
    if (data) key.answered();
    const wrong = failure(data?.createZip, error);
    say(wrong ?? `“${name}” was made. It is a draft with an address of its own.`, { bad: Boolean(wrong) });
  }
  return (
    <>
      <Menu
        trigger={<Button look="ghost" size="small" icon aria-label={`Actions for ${zip.name}`}><Ellipsis aria-hidden size={16} /></Button>}
        items={[
          ...(zip.state === "DRAFT" ? [] : [zip.state === "LIVE" ? { words: "Pause", icon: glyph(Pause), onSelect: toggle } : { words: "Resume", icon: glyph(Play), onSelect: toggle }]),
          { words: "Duplicate", icon: glyph(Copy), onSelect: duplicate },
          { words: "Move to a folder", icon: glyph(FolderInput), onSelect: () => setAsked("move") },
          "line",
          { words: "Delete", danger: true, icon: glyph(Trash2), onSelect: () => setAsked("delete") },
        ]}
      />
      {asked === "delete" ? <DeleteZip zip={zip} onClose={() => setAsked(null)} /> : null}
      {asked === "move" ? <MoveZip zip={zip} folders={folders} onClose={() => setAsked(null)} /> : null}
    </>
  );
}
