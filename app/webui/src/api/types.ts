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
  | { event: "ready"; data: Schemas["ReadyEvent"] }
  | { event: "message"; data: Message }
  | { event: "status"; data: Schemas["StatusEvent"] }
  | { event: "delivery"; data: Schemas["DeliveryEvent"] }
  | { event: "agent"; data: Schemas["AgentEvent"] }
  | { event: "monitor"; data: Monitor };
