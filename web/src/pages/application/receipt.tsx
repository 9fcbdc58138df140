// The proof of a submission: on the page, as a file, as a PDF where there is one, on paper, as a code for phones.

import { useEffect, useState } from "preact/hooks";
import { api, call, Problem } from "../../api/client";
import type { ApplicationView } from "../../api/generated";
import { useReading } from "../../api/reading";
import { certified, readReceipt, saveReceipt } from "../../applications/receipt";
import { Icon } from "../../components/icon";
import { SummaryList } from "../../components/lists";
import { Callout } from "../../components/messages";
import { QrCode } from "../../components/qr-code";
import { Read } from "../../components/read";
import { ReceiptCard } from "../../components/receipt-card";
import { ErrorState } from "../../components/states";
import { to, type PageProps } from "../../routing/pages";
import { texts as all } from "../../texts/it/applications";
import { ApplicationPage, useApplication } from "./frame";

const texts = all.receipt;
/** The PDF among the application's documents. */
const PDF = "receipt";

/** The PDF is made after the sending: so long after the page opened it is asked for again. */
const AGAIN_MS = [4_000, 8_000, 16_000, 32_000];

/** Where the PDF stands: none known, in the making, there. */
async function readPdf(id: string, signal?: AbortSignal): Promise<{ isKnown: boolean; link: string | null }> {
  const { data } = await call((options) => api.listDocuments(id, options), signal ? { signal } : {});
  const found = data.documents.filter(({ kind }) => kind === PDF);
  return { isKnown: found.length > 0, link: found.find(({ ready, link }) => ready && link)?.link ?? null };
}

function Buttons({ id, document }: { id: string; document: string }) {
  const pdf = useReading(`${id} pdf`, (signal) => readPdf(id, signal));
  const [problem, setProblem] = useState<Problem | null>(null);
  const { reading } = pdf;
  const hasPdf = reading.state === "ready" && reading.data.link !== null;
  const [tries, setTries] = useState(0);
  useEffect(() => {
    const pause = AGAIN_MS[tries];
    if (reading.state === "loading" || hasPdf || pause === undefined) return undefined;
    const timer = setTimeout(() => {
      setTries(tries + 1);
      pdf.again();
    }, pause);
    return () => clearTimeout(timer);
  }, [reading.state, hasPdf, tries]);
  const open = async () => {
    setProblem(null);
    try {
      // The link of a while ago is over: another one is asked for.
      const { link } = await readPdf(id);
      if (link) location.assign(link);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
    }
  };
  return (
    <>
      {problem && <ErrorState problem={problem} isAnswer />}
      {reading.state === "ready" && reading.data.isKnown && !hasPdf && <p>{texts.pdfWaiting}</p>}
      <p class="buttons">
        {hasPdf && (
          <button type="button" class="btn btn-primary" onClick={() => void open()}>
            <Icon name="download" />
            {texts.pdf}
          </button>
        )}
        <button type="button" class={hasPdf || reading.state === "loading" ? "btn btn-outline-primary" : "btn btn-primary"} onClick={() => saveReceipt(document)}>
          <Icon name="download" />
          {texts.signed}
        </button>
        <button type="button" class="btn btn-outline-primary" onClick={() => print()}>
          <Icon name="print" />
          {texts.print}
        </button>
      </p>
    </>
  );
}

function Content({ application, document }: { application: ApplicationView; document: string }) {
  const { code, arrival, model, digest } = certified(document);
  // Everything after # stays in the browser of who reads the code.
  const address = `${location.origin}${to("/verifica-ricevuta")}#${encodeURIComponent(document)}`;
  // Who is signed in by a password is told no names.
  const { worker, employer } = application;
  const names = [
    { name: all.list.worker, value: worker },
    { name: all.one.employer, value: employer },
  ].flatMap(({ name, value }) => (value ? [{ name, value: <span translate={false}>{value}</span> }] : []));
  return (
    <>
      {/* A receipt certifies no names: these stand outside of it. */}
      {names.length > 0 && <SummaryList rows={names} />}
      <ReceiptCard code={code} arrival={arrival} model={application.model_label ?? model} application={application.id} digest={digest} />
      <Buttons id={application.id} document={document} />
      <p class="no-print">{texts.files}</p>
      <p>{texts.place}</p>
      <div class="receipt-qr">
        <div>
          <h2>{texts.qr}</h2>
          <p>{texts.qrText}</p>
          <p class="no-print">
            <a href={address}>{texts.qrLink}</a>
          </p>
          <p class="print-only">{texts.qrPrint(`${location.origin}${to("/verifica-ricevuta")}`)}</p>
        </div>
        <QrCode text={address} label={texts.qr} />
      </div>
    </>
  );
}

function Document({ application }: { application: ApplicationView }) {
  const document = useReading(application.id, (signal) => readReceipt(application.id, signal));
  return (
    <Read of={document} lines={8}>
      {(text) => <Content application={application} document={text} />}
    </Read>
  );
}

/** The page. */
export default function Receipt({ params }: PageProps) {
  const id = params["id"] ?? "";
  const application = useApplication(id);
  return (
    <ApplicationPage title={texts.title} id={id} of={application}>
      {(data) =>
        data.receipt_code ? (
          <>
            <p class="lead">{texts.lead}</p>
            <Document application={data} />
          </>
        ) : (
          <Callout title={texts.none}>
            <p>
              <a href={to("/domande/:id", { id })}>{all.remove.keep}</a>
            </p>
          </Callout>
        )
      }
    </ApplicationPage>
  );
}
