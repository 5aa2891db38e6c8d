"use client";

import { useQuery } from "urql";
import { useHere } from "@/components/session/session-provider";
import { CopyButton } from "@/components/ui/copy-button";
import Link from "@/components/ui/link";
import { Box } from "@/components/ui/panel";
import { StartOneDocument } from "@/gql/graphql";

/** Where nothing has run yet: how to start a run now, with the newest zip that is live, or how to come to one. */
export function StartOne() {
  const { workspace } = useHere();
  const [{ data }] = useQuery({ query: StartOneDocument, variables: { workspaceId: workspace.id } });
  const zip = data?.zips?.nodes[0];
  if (!data) return null;
  if (!zip) return <Link href="/zips" className="font-strong text-accent hover:text-accent-hover">Build a zip and publish it</Link>;
  const open = <Link href={`/zips/${zip.id}`} dir="auto" className="text-accent hover:text-accent-hover">{zip.name}</Link>;
  if (!zip.trigger?.url) return <p className="text-ink-2">Open {open} and press “Run now”.</p>;
  const curl = `curl ${zip.trigger.url} -H 'Content-Type: application/json' -d '{"name": "Ada"}'`;
  return (
    <div className="grid w-full gap-2">
      <p className="text-ink-2">Send {open} something:</p>
      <Box title={<span className="mono font-text">curl</span>} aside={<CopyButton text={curl}>Copy</CopyButton>}>
        <pre tabIndex={0} aria-label="The command" className="mono p-3 break-all whitespace-pre-wrap">{curl}</pre>
      </Box>
    </div>
  );
}
