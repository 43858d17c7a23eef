/** True if a status confirms a notification (Apple's page, Responding to App Store Server Notifications). */
export function isReceived(status: number): boolean {
  return status >= 200 && status <= 206
}
