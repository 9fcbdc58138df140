// The models of applications.

import { Page } from "../../components/page";
import { Rich } from "../../components/rich";
import { MODELS, to } from "../../routing/pages";
import { models, texts } from "../../texts/it/models";

/** The page. */
export default function Models() {
  return (
    <Page title={texts.title} lead={texts.lead} isWide>
      <ul class="cards">
        {MODELS.map((id) => {
          const model = models[id];
          return (
            model && (
              <li class="card-box" key={id}>
                <h2>{model.name}</h2>
                <p>{model.short}</p>
                <p>
                  <a href={to("/modelli/:model", { model: id })}>
                    {texts.open}
                    <span class="visually-hidden">: {model.name}</span>
                  </a>
                </p>
              </li>
            )
          );
        })}
      </ul>
      <h2>{texts.offQuotaTitle}</h2>
      <p>
        <Rich text={texts.offQuota} />
      </p>
    </Page>
  );
}
