/** What the schema of study files says of a place, and which kind of field that calls for. */

/**
 * @typedef {"text" | "count" | "number" | "choice" | "yes-no" | "pair" | "numbers" | "times"
 *   | "landmarks" | "names" | "table" | "long" | "other"} Kind
 */

const LONG = ["note", "title", "citation"];

/**
 * Follow a reference, and take the table where a short form is allowed too.
 * @param {any} node
 * @param {any} schema
 */
export function resolved(node, schema) {
  if (node?.$ref) node = { ...schema.$defs[node.$ref.split("/").pop()], ...node };
  const table = node?.anyOf?.find((each) => each.properties);
  return table ? { ...node, ...table } : node ?? {};
}

/**
 * The part of the schema that describes a place.
 * @param {import("../app.js").Place} place
 * @param {any} schema
 */
export function describe(place, schema) {
  return place.reduce((node, step) => {
    const here = resolved(node, schema);
    if (typeof step === "number") return here.items ?? {};
    return here.properties?.[step] ?? Object.values(here.patternProperties ?? {})[0] ?? here.additionalProperties ?? {};
  }, schema);
}

/**
 * @param {string} key
 * @param {any} raw  part of the schema
 * @param {any} schema
 * @returns {Kind}
 */
export function kindOf(key, raw, schema) {
  const node = resolved(raw, schema);
  const pair = (node.type === "array" ? node : node.anyOf?.find((each) => each.type === "array")) ?? {};
  if (key === "curve" || key === "censor_marks") return "other";
  if (node.enum) return "choice";
  if (pair.maxItems === 2) return "pair";
  if (node.patternProperties) {
    const value = resolved(Object.values(node.patternProperties)[0], schema);
    return value.type === "integer" ? "times" : "landmarks";
  }
  if (node.type === "object" && node.properties) return "table";
  if (node.type === "object") return "names";
  if (node.type === "array") return resolved(node.items, schema).type === "number" ? "numbers" : "other";
  const simple = { integer: "count", number: "number", boolean: "yes-no" }[node.type];
  return simple ?? (LONG.includes(key) ? "long" : "text");
}

const WORDS = {
  n: "Patients (n)", n_basis: "n is of", p: "p", ci: "95% interval", doi: "DOI", id: "Id", median_ci: "95% interval of the median",
  hazard_ratio: "Hazard ratio", at_risk: "Numbers at risk", follow_up: "Follow-up", iqr: "Quartiles", landmarks: "Survival",
  event_times: "Event times", data_cutoff: "Data cut-off", median: "Median survival", mean: "Mean survival",
};

/** A key as a label. @param {string} key */
export function labelOf(key) {
  return WORDS[key] ?? key.charAt(0).toUpperCase() + key.slice(1).replaceAll("_", " ");
}
