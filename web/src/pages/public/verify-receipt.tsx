// Whether a receipt is authentic: paste it, choose its file, or come by its QR code. Nothing leaves the browser.

import { useEffect, useState } from "preact/hooks";
import { Code } from "../../components/code";
import { TextArea } from "../../components/field";
import { FileField } from "../../components/controls";
import { announce } from "../../components/live";
import { Callout, Details, type Tone } from "../../components/messages";
import { SummaryList } from "../../components/lists";
import { Page } from "../../components/page";
import { Paragraphs } from "../../components/rich";
import { Loading } from "../../components/states";
import { toTheMillisecond } from "../../dates/instant";
import { readFact, useFact } from "../../facts/facts";
import { place } from "../../routing/location";
import { texts } from "../../texts/it/verify";
import { fromFacts, prove, type Place } from "./log";
import { verify, type Receipt, type Verdict } from "./verify";

const WORDS: Record<Verdict["state"], { tone: Tone; title: string; text: string }> = {
  authentic: { tone: "success", title: texts.authentic, text: texts.authenticText },
  altered: { tone: "danger", title: texts.altered, text: texts.alteredText },
  "unknown-key": { tone: "danger", title: texts.unknownKey, text: texts.unknownKeyText },
  "not-a-receipt": { tone: "danger", title: texts.notReceipt, text: texts.notReceiptText },
};

const LOG_WORDS: Record<Exclude<Place["state"], "unreachable">, { tone: Tone; title: string; text: string }> = {
  proven: { tone: "success", title: texts.inLog, text: "" },
  "not-yet": { tone: "info", title: texts.notYetInLog, text: texts.notYetInLogText },
  missing: { tone: "danger", title: texts.notInLog, text: texts.notInLogText },
  broken: { tone: "danger", title: texts.brokenLog, text: texts.brokenLogText },
};

function Certified({ receipt }: { receipt: Receipt }) {
  const verbatim = (text: string) => (
    <span class="code" translate={false}>
      {text}
    </span>
  );
  return (
    <SummaryList
      rows={[
        { name: texts.code, value: verbatim(receipt.code) },
        { name: texts.arrival, value: toTheMillisecond(receipt.arrival) },
        { name: texts.model, value: verbatim(receipt.model) },
        { name: texts.campaign, value: <>{verbatim(receipt.campaign)}, {texts.version(receipt.campaign_version)}</> },
        { name: texts.application, value: <Code text={receipt.application} /> },
        { name: texts.digest, value: <Code text={receipt.digest} /> },
        { name: texts.key, value: verbatim(receipt.key_id) },
      ]}
    />
  );
}

/** Whether the receipt is in the public log; nothing while that cannot be said. */
function InLog({ receipt }: { receipt: Receipt }) {
  const keys = useFact("log-keys.json");
  const [found, setFound] = useState<Place | null>(null);
  useEffect(() => {
    if (keys.state !== "ready") return undefined;
    let isLatest = true;
    void prove(receipt, keys.data.keys, fromFacts(receipt.campaign), Date.now()).then((place) => {
      if (isLatest) setFound(place);
    });
    return () => {
      isLatest = false;
    };
  }, [receipt, keys]);
  const isLooking = keys.state === "loading" || (keys.state === "ready" && !found);
  if (isLooking) return <Loading lines={2} />;
  if (!found || found.state === "unreachable") return <p>{texts.logUnreachable}</p>;
  const { tone, title, text } = LOG_WORDS[found.state];
  return (
    <Callout tone={tone} title={title} level={3}>
      <p>{found.state === "proven" ? texts.inLogText(found.number + 1, found.size) : text}</p>
    </Callout>
  );
}

function Outcome({ verdict }: { verdict: Verdict }) {
  const { tone, title, text } = WORDS[verdict.state];
  return (
    <div class="verdict">
      <Callout tone={tone} title={title} level={2}>
        <p>{text}</p>
      </Callout>
      {verdict.state === "authentic" && (
        <>
          <Certified receipt={verdict.receipt} />
          <InLog receipt={verdict.receipt} />
        </>
      )}
    </div>
  );
}

/** The page. */
export default function VerifyReceipt() {
  const keys = useFact("receipt-keys.json");
  const [typed, setTyped] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const [wanted, setWanted] = useState<string | null>(null);
  const { hash } = place.value;

  useEffect(() => {
    if (hash.length < 40) return;
    try {
      const document = decodeURIComponent(hash.slice(1));
      setTyped(document);
      setWanted(document);
    } catch {
      // Not a code of ours.
    }
  }, [hash]);

  useEffect(() => {
    if (wanted === null || keys.state !== "ready") return undefined;
    let isLatest = true;
    void verify(wanted, keys.data.keys).then((found) => {
      // Keys that were read anew meanwhile are asked again: the verdict is said once.
      if (!isLatest) return;
      setWanted(null);
      setVerdict(found);
      announce(WORDS[found.state].title, found.state === "authentic" ? "polite" : "assertive");
    });
    return () => {
      isLatest = false;
    };
  }, [wanted, keys]);

  const check = (document: string) => {
    setVerdict(null);
    setError(document.trim() === "" ? texts.empty : null);
    if (document.trim() === "") {
      globalThis.document.getElementById("ricevuta")?.focus();
      return;
    }
    if (keys.state !== "ready") void readFact("/facts/receipt-keys.json", true);
    setWanted(document);
  };
  const take = async (file: File) => {
    // A receipt is shorter than one kB; a film is no receipt.
    const text = file.size > 20_000 ? "-" : await file.text();
    setTyped(text);
    check(text);
  };
  const keysFailed = keys.state === "failed" || keys.state === "absent";
  return (
    <Page title={texts.title} lead={texts.lead}>
      {verdict && <Outcome verdict={verdict} />}
      {wanted !== null && keysFailed && (
        <Callout tone="warning" title={texts.noKeys}>
          <p>{texts.noKeysText}</p>
        </Callout>
      )}
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          check(typed);
        }}
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          event.preventDefault();
          const dropped = event.dataTransfer?.files[0];
          if (dropped) void take(dropped);
        }}
      >
        <TextArea
          id="ricevuta"
          label={texts.paste}
          help={texts.pasteHelp}
          error={error}
          value={typed}
          onInput={(text) => {
            setTyped(text);
            setVerdict(null);
          }}
        />
        <FileField id="file-ricevuta" label={texts.file} file={{ state: "none" }} accept=".json,application/json,text/plain" onChoose={(file) => void take(file)} />
        <p class="buttons">
          <button type="submit" class="btn btn-primary">
            {texts.check}
          </button>
        </p>
      </form>
      <Details title={texts.byHand}>
        <Paragraphs texts={texts.byHandTexts} />
      </Details>
    </Page>
  );
}
