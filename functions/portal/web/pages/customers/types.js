// The API's shapes that these pages read; docs/record.md explains them.

/**
 * @typedef {'notRequested' | 'granted' | 'removedByCustomer' | 'removedByPartner'} Grant
 * @typedef {{ customerId: string, name: string, domain: string, country: string, delegatedAdmin: Grant, establishedAt: string }} ListItem
 * @typedef {{ what: string, at: string, by?: string | null, invitationId?: string }} Step
 * @typedef {{ partnerResponsible: boolean, since: string | null, until: string | null, agreementVersion?: string }} Responsibility
 * @typedef {{ renegotiatedAt: string, signedBy: { firstName: string, lastName: string, email: string }, recordedAt: string, recordedBy: string }} Agreement
 * @typedef {{
 *   partnerId: string, customerId: string, customer: { name: string, domain: string, country: string }, delegatedAdmin: Grant,
 *   delegatedAdminHistory: Step[], responsibility: Responsibility, agreements: Agreement[],
 *   establishedAt: string, agreementVersion: string, invitationId: string
 * }} Relationship
 * @typedef {{ name: string, domain: string, country: string, cloud: string }} Account
 * @typedef {{ name?: string, email?: string, phone?: string, web?: string }} Contact
 *
 * @typedef {'subscription' | 'reservation' | 'softwarePurchase'} Kind
 * @typedef {'active' | 'suspended' | 'cancelled'} SubscriptionStatus
 * @typedef {{
 *   id: string, kind: Kind, name: string, sku: string, quantity: number, serviceType: 'azure' | 'microsoft365' | 'other',
 *   status: SubscriptionStatus, supportContact: { partnerId: string }, createdAt: string, history: Step[]
 * }} Subscription
 * @typedef {{ subscriptionId: string, sku: string, quantity: number, assigned: number }} License
 * @typedef {{
 *   id: string, userPrincipalName: string, displayName: string, country: string, blocked: boolean, licenses: string[],
 *   createdAt: string, updatedAt: string
 * }} User
 * @typedef {'open' | 'attentionNeeded' | 'closed'} RequestStatus
 * @typedef {{
 *   id: string, title: string, description: string, severity: 'critical' | 'moderate' | 'minimal', subscriptionId: string | null,
 *   channel: 'selfService' | 'assisted', status: RequestStatus, contact: Contact & { partnerId: string, partnerName: string },
 *   createdAt: string, createdBy: string, updatedAt: string, updatedBy: string, notes: { text: string, at: string, by: string }[]
 * }} ServiceRequest
 * @typedef {{ kind: Kind, id: string, name: string, status: string }} Commitment
 */

/**
 * @template T
 * @typedef {{ items: T[], nextCursor?: string }} Page
 */

/**
 * @typedef {{
 *   relationship: Relationship, account: Account, subscriptions: Page<Subscription>, users: Page<User> | null, licenses: License[] | null,
 *   serviceRequests: Page<ServiceRequest>, supportContact: Contact | null, closed?: string
 * }} Record
 * @typedef {{ relationship: Relationship, endedAt: string, endedBy: string, effects: string[] }} Removal
 */

export {};
