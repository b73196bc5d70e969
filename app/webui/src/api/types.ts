/** The shapes of the API, by short names; generated from openapi/openapi.json by `npm run types`. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type AcknowledgeResult = Schemas["AcknowledgeResult"];
export type Agent = Schemas["Agent"];
export type Delivery = Schemas["Delivery"];
export type Fleet = Schemas["Fleet"];
export type Message = Schemas["Message"];
export type MessagePage = Schemas["MessagePage"];
export type Monitor = Schemas["Monitor"];
export type Schedule = Schemas["Schedule"];
export type SendResult = Schemas["SendResult"];

/** What the events say, by their names. */
export type Told =
  | { name: "ready"; data: Schemas["ReadyEvent"] }
  | { name: "message"; data: Message }
  | { name: "status"; data: Schemas["StatusEvent"] }
  | { name: "delivery"; data: Schemas["DeliveryEvent"] }
  | { name: "agent"; data: Schemas["AgentEvent"] }
  | { name: "monitor"; data: Monitor };
