import type { EventDetailQuery } from "@/gql/graphql";
import { curl } from "@/lib/curl";

type Detail = NonNullable<EventDetailQuery["event"]>;

/** What curl and the connection make by themselves; a repeated key would only be told as a duplicate. */
const LEFT_OUT = /^(host|content-length|connection|accept|accept-encoding|user-agent|transfer-encoding|expect|idempotency-key|webhook-id|x-forwarded-.*)$/i;

/**
 * A command that sends the request again; null where its body or its address is not known. Credentials, which are not
 * kept, are left out.
 */
export function curlOf(event: Pick<Detail, "method" | "query" | "headers" | "body" | "bodySize" | "trigger">): string | null {
  const address = event.trigger?.url;
  const text = event.body?.text;
  if (!address || event.body?.isTruncated || (event.bodySize > 0 && text == null)) return null;
  const headers = event.headers.filter(({ name, value }) => value !== "***" && !LEFT_OUT.test(name));
  return curl({ method: event.method, url: event.query ? `${address}?${event.query}` : address, headers, body: text });
}
