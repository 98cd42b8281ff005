// The API's shapes that these pages read; docs/api.md explains them.

/**
 * @typedef {'pending' | 'accepted' | 'declined' | 'revoked' | 'expired'} Status
 * @typedef {'notSent' | 'sending' | 'sent' | 'delayed' | 'delivered' | 'failed' | 'bounced' | 'complained'} DeliveryStatus
 * @typedef {{status: DeliveryStatus, at?: string, sentTo?: string, sentAt?: string, reason?: string}} Delivery
 * @typedef {{name: string | null, email: string | null, country: string | null, tenantId: string | null}} NamedCustomer
 * @typedef {{what: string, at: string, by?: string | null}} Step
 * @typedef {{
 *   id: string, partnerId: string, status: Status, includeDelegatedAdmin: boolean, customer: NamedCustomer,
 *   locale: string, createdAt: string, createdBy: string, expiresAt: string, delivery: Delivery,
 *   reminder?: Delivery, history: Step[], answeredAt?: string, customerId?: string, agreementVersion?: string,
 *   reason?: string | null, revokedAt?: string, revokedBy?: string, expiredAt?: string
 * }} Invitation
 * @typedef {{link: string, language: string, to: string | null, subject: string, text: string, html: string, mailto: string}} Draft
 * @typedef {{invitation: Invitation, draft?: Draft | null}} Answer
 * @typedef {{answer?: Answer, said?: HTMLElement}} Outcome what an act led to: what the invitation is now, where it was told, and what to say
 */

export {};
