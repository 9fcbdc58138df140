// For who works on pages: every component in each of its states. Invented people; nothing here reaches the API.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Problem } from "../../api/client";
import {
  ChoiceGroup,
  CodeField,
  DateField,
  FileField,
  MoneyField,
  Repeater,
  Select,
  Tick,
  type FileState,
} from "../../components/controls";
import { Countdown } from "../../components/countdown";
import { Dialog } from "../../components/dialog";
import { ReadOnlyField, SourceLine, TextArea, TextField } from "../../components/field";
import { ICONS, Icon } from "../../components/icon";
import { DataTable, Pager, Stepper, SummaryList, TaskList, Timeline } from "../../components/lists";
import { announce } from "../../components/live";
import { Callout, DeadlineBox, Details, ErrorSummary, NotificationBar, StateBadge, type Tone } from "../../components/messages";
import { Page } from "../../components/page";
import { ReceiptCard } from "../../components/receipt-card";
import { Empty, ErrorState, Loading } from "../../components/states";

const TONES: Tone[] = ["info", "success", "warning", "danger", "neutral"];
const WORDS: Record<Tone, string> = { info: "Da inviare", success: "Inviata", warning: "Da completare", danger: "Rigettata", neutral: "Archiviata" };
const LONG_NAME = "Maria Immacolata Concepción d'Annunzio-Őszentpéteri de la Fuente y Wickremasinghe-Ranasinghearachchilage";

const refused = (status: number, more: object) =>
  Problem.of(
    status,
    { type: "/problemi/esempio", title: "La finestra non è aperta", status, detail: "L'azione non è possibile in questo momento.", request_id: "Jx3kPq0aDoEEMhw=", ...more },
    new Headers(),
  );

function Part({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

function Fields() {
  const [name, setName] = useState(LONG_NAME);
  const [code, setCode] = useState("rssmra85t10a562s");
  const [money, setMoney] = useState<number | null>(123456);
  const [date, setDate] = useState("1990-05-01");
  const [choice, setChoice] = useState<string[]>(["yes"]);
  const [many, setMany] = useState<string[]>([]);
  const [country, setCountry] = useState("");
  const [isTicked, setTicked] = useState(false);
  const [family, setFamily] = useState([""]);
  const files: [string, FileState][] = [
    ["Nessun file", { state: "none" }],
    ["In caricamento", { state: "uploading", name: "contratto firmato.pdf.p7m", percent: 40 }],
    ["In verifica", { state: "checking", name: "contratto.pdf", note: "Controlliamo il file: di solito basta mezzo minuto." }],
    ["Accettato", { state: "accepted", name: "contratto.pdf", note: "File controllato e accettato." }],
    ["Rifiutato", { state: "refused", name: "contratto.docx", note: "Carica un file PDF o P7M." }],
  ];
  return (
    <Part title="Campi">
      <TextField id="c-name" label="Cognome e nome" help="Come sul passaporto." value={name} onInput={setName} autocomplete="off">
        <SourceLine source="Registro delle Imprese" at="2026-11-28T11:23:00Z" />
      </TextField>
      <TextField id="c-wrong" label="Comune" error="Scrivi il comune." value="" onInput={() => undefined} isOptional />
      <TextArea id="c-area" label="Motivazione" help="Da 10 a 4000 caratteri." value="" onInput={() => undefined} />
      <CodeField id="c-code" label="Codice fiscale" size={16} value={code} onInput={setCode} />
      <DateField id="c-date" label="Data di nascita" help="Per esempio: 1 5 1990" value={date} onChange={(iso) => setDate(iso ?? "")} />
      <DateField id="c-date-wrong" label="Data di rilascio" error="Scrivi una data che esiste: giorno, mese e anno." value="" onChange={() => undefined} />
      <MoneyField id="c-money" label="Retribuzione mensile lorda" value={money} onChange={setMoney} />
      <ChoiceGroup
        id="c-choice"
        label="Società registrata presso il Registro delle Imprese (RI)"
        choices={[{ value: "yes", label: "Sì" }, { value: "no", label: "No" }]}
        value={choice}
        onChange={setChoice}
        isInline
      />
      <ChoiceGroup
        id="c-many"
        label="Documenti pronti"
        error="Scegli almeno una voce."
        choices={[{ value: "a", label: "Passaporto", help: "La pagina con la fotografia." }, { value: "b", label: "DURC" }]}
        value={many}
        onChange={setMany}
        isMany
      />
      <Select id="c-select" label="Cittadinanza" choices={[{ value: "MAR", label: "Marocco" }, { value: "IND", label: "India" }]} value={country} onChange={setCountry} />
      <Tick id="c-tick" label="Ho letto l'informativa sulla privacy" isTicked={isTicked} onChange={setTicked} />
      <ReadOnlyField id="c-read" label="Denominazione" value={`Azienda agricola ${LONG_NAME}`}>
        <SourceLine source="Registro delle Imprese" at="2026-11-28T11:23:00Z" />
      </ReadOnlyField>
      <ReadOnlyField id="c-awaited" label="Matricola INPS" value="In arrivo">
        <SourceLine source="Arriva dall'INPS; se manca potrai scriverlo tu." />
      </ReadOnlyField>
      {files.map(([label, file], n) => (
        <FileField key={label} id={`c-file-${n}`} label={label} file={file} accept=".pdf,.p7m" onChoose={() => undefined} onCancel={() => undefined} onRemove={() => undefined} />
      ))}
      <Repeater id="c-family" what="familiare" legend="Familiari" items={family} most={3} blank={() => ""} onChange={setFamily}>
        {(item, index, change) => <TextField id={`c-family-${index}`} label="Nome" value={item} onInput={change} />}
      </Repeater>
    </Part>
  );
}

/** The page. */
export default function Components() {
  const [isOpen, setOpen] = useState(false);
  const [soon] = useState(() => new Date(Date.now() + 75_000).toISOString());
  return (
    <Page title="Componenti" lead="Ogni parte del sito in ogni suo stato. Per chi sviluppa." crumbs={[{ label: "Aiuto", href: "/aiuto" }]}>
      <ErrorSummary mistakes={[{ field: "c-wrong", message: "Scrivi il comune." }, { field: "c-many", message: "Scegli almeno una voce." }]} />
      <Part title="Pulsanti">
        <p class="buttons">
          <button type="button" class="btn btn-primary" onClick={() => announce("Premuto")}>
            Azione principale
          </button>
          <button type="button" class="btn btn-outline-primary" onClick={() => setOpen(true)}>
            Apri la finestra
          </button>
          <button type="button" class="btn btn-danger">
            Elimina
          </button>
          <button type="button" class="btn btn-link">
            Altre azioni
          </button>
        </p>
        <Dialog id="c-dialog" title="Vuoi uscire?" isOpen={isOpen} onClose={() => setOpen(false)}>
          <p>Due risposte non sono salvate perché non sono valide.</p>
          <p class="buttons">
            <button type="button" class="btn btn-outline-primary" onClick={() => setOpen(false)}>
              Resta
            </button>
          </p>
        </Dialog>
      </Part>
      <Part title="Stati">
        <ul class="plain">
          {TONES.map((tone) => (
            <li key={tone}>
              <StateBadge label={WORDS[tone]} tone={tone} />
            </li>
          ))}
        </ul>
      </Part>
      <Part title="Avvisi nella pagina">
        {TONES.map((tone) => (
          <Callout key={tone} tone={tone} title={`Avviso: ${WORDS[tone]}`}>
            <p>Testo dell'avviso, con un <a href="/aiuto">collegamento</a>.</p>
          </Callout>
        ))}
        <Callout tone="warning">
          <p>Un avviso senza titolo, dove il titolo ripeterebbe il testo.</p>
        </Callout>
        <NotificationBar tone="info">Una barra, per esempio senza connessione.</NotificationBar>
        <Details title="Una spiegazione che si apre">
          <p>La spiegazione.</p>
        </Details>
      </Part>
      <Part title="Scadenze">
        <DeadlineBox label="Conferma della richiesta di nulla osta" endsInWords="le ore 24:00 di martedì 27 gennaio 2026">
          <Countdown until={soon} />
        </DeadlineBox>
        <DeadlineBox label="Invio del contratto" endsInWords="le ore 24:00 di lunedì 2 febbraio 2026" tone="danger" />
        <Countdown until="2036-01-12T08:00:00Z" label="Apre tra" isOpening />
      </Part>
      <Fields />
      <Part title="Passaggi e compiti">
        <Stepper steps={["Modello", "Informativa", "Verifiche preliminari", "Riepilogo"]} current={2} />
        <TaskList
          tasks={[
            { href: "#c-1", title: "Azienda", status: "Completa", tone: "success" },
            { href: "#c-2", title: "Lavoratore", status: "Mancano 3 risposte", tone: "warning" },
            { href: "#c-3", title: "Contratto di lavoro", status: "Attendiamo: INPS", tone: "info", help: "Arriva da solo entro qualche giorno." },
            { href: "#c-4", title: "Alloggio", status: "Da correggere", tone: "danger" },
            { href: "#c-5", title: "Dichiarazioni", status: "Non iniziata", tone: "neutral" },
          ]}
        />
      </Part>
      <Part title="Elenchi">
        <SummaryList rows={[{ name: "Lavoratore", value: LONG_NAME, change: { href: "#c-name" } }, { name: "Paga", value: "1.234,56 €" }]} />
        <DataTable
          caption="Domande"
          items={[
            { id: "app_01040g2081040g2081040g2081", worker: LONG_NAME, tone: "info" as Tone },
            { id: "app_0000000000000000000000000g", worker: "Amina Benali", tone: "warning" as Tone },
          ]}
          keyOf={(row) => row.id}
          columns={[
            { key: "worker", title: "Lavoratore", isHeader: true, cell: (row) => <span translate={false}>{row.worker}</span> },
            { key: "id", title: "Domanda", cell: (row) => <span class="code" translate={false}>{row.id}</span> },
            { key: "state", title: "Stato", cell: (row) => <StateBadge label={WORDS[row.tone]} tone={row.tone} /> },
          ]}
        />
        <Pager page={2} of={9} previous="#c-prev" next="#c-next" />
        <Timeline
          happenings={[
            { id: "1", at: "2026-01-12T08:00:00.120Z", title: "Domanda inviata: la ricevuta è disponibile.", who: "Tu" },
            { id: "2", at: "2026-01-14T10:11:12Z", title: "Domanda presa in carico dallo Sportello Unico.", who: "SUI di Foggia" },
          ]}
        />
        <ReceiptCard
          code="RIC-0W3G-E1R7-0W3G-E1R7-PJ"
          arrival="2026-01-12T08:00:00.120Z"
          model="C-STAG agricoltura"
          application="app_01040g2081040g2081040g2081"
          digest="abababababababababababababababababababababababababababababababab"
        />
      </Part>
      <Part title="In attesa, vuoto, errore">
        <Loading atOnce />
        <Empty message="Non hai ancora domande: inizia da «Compila domande»." />
        <ErrorState problem={refused(503, { title: "Servizio momentaneamente non disponibile", detail: "Riprova tra qualche istante: ciò che era salvato è al sicuro." })} onRetry={() => undefined} />
        <ErrorState problem={refused(409, { detail: "Non è ancora possibile compilare nuove domande: si potrà da lunedì 12 gennaio 2026, ore 09:00:00." })} />
        <ErrorState problem={refused(429, { title: "Troppe richieste", detail: "Attendi prima di riprovare.", retry_after_s: 30 })} onRetry={() => undefined} />
        <ErrorState problem={Problem.network()} onRetry={() => undefined} />
      </Part>
      <Part title="Icone">
        <p>
          {ICONS.map((name) => (
            <Icon key={name} name={name} label={name} />
          ))}
        </p>
      </Part>
    </Page>
  );
}
