/** What is asked of the server. Addresses are relative, so that the token stays in front. */

/** A refusal of the server: a sentence for the user. */
export class Refused extends Error {
  /** @param {string} message @param {number} status */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/**
 * @param {string} path
 * @param {{method?: string, json?: any, body?: any}} [options]
 * @returns {Promise<any>}
 */
export async function ask(path, { method, json, body } = {}) {
  const headers = json === undefined ? {} : { "Content-Type": "application/json" };
  const sent = json === undefined ? body : JSON.stringify(json);
  let response;
  try {
    response = await fetch(path, { method: method ?? (sent === undefined ? "GET" : "POST"), headers, body: sent });
  } catch {
    throw new Refused("The server does not answer: it was ended, or this machine slept. Start kmrepro app again.", 0);
  }
  const found = response.headers.get("Content-Type")?.startsWith("application/json") ? await response.json() : null;
  if (!response.ok) throw new Refused(found?.error ?? `The server answered ${response.status}.`, response.status);
  return found;
}

export const study = () => ask("api/study");
export const schema = () => ask("api/schema");
export const papers = () => ask("api/papers");
export const takePaper = (id) => ask("api/papers", { json: { id } });
export const blank = () => ask("api/blank", { json: {} });
export const edit = (edits) => ask("api/study/edit", { json: { edits } });
export const replaceStudy = (text) => ask("api/study", { method: "PUT", json: { text } });
export const draft = (text) => ask("api/draft", { json: { text } });
export const points = (name) => ask(`api/points/${encodeURIComponent(name)}`);
export const linkPoints = (name, choice) => ask(`api/points/${encodeURIComponent(name)}`, { json: choice });
export const upload = (file) => ask(`api/upload?name=${encodeURIComponent(file.name)}`, { method: "POST", body: file });
export const figures = () => ask("api/figures");
export const figure = (key) => ask(`api/figures/${encodeURIComponent(key)}`);
export const correct = (key, document) => ask(`api/figures/${encodeURIComponent(key)}`, { method: "PUT", json: document });
export const use = (key, choice) => ask(`api/figures/${encodeURIComponent(key)}/use`, { json: choice });
export const readAgain = (key, hints) => ask(`api/figures/${encodeURIComponent(key)}/read`, { json: hints });
export const byHand = (name) => ask(`api/pictures/${encodeURIComponent(name)}`);
export const readByHand = (name, hints) => ask(`api/pictures/${encodeURIComponent(name)}/read`, { json: hints });
export const pictureOf = (name) => `api/pictures/${encodeURIComponent(name)}/image.png`;
export const verdict = (endpoint) => ask(`api/verdict?endpoint=${encodeURIComponent(endpoint)}`);
export const audit = () => ask("api/audit", { json: {} });
export const reproduce = () => ask("api/reproduce", { json: {} });
export const results = () => ask("api/results");
export const jobs = () => ask("api/jobs");
export const job = (id) => ask(`api/jobs/${id}`);
export const cancel = (id) => ask(`api/jobs/${id}`, { method: "DELETE" });
export const imageOf = (key) => `api/figures/${encodeURIComponent(key)}/image.png`;
