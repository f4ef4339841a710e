// Where Konsol is told to send its webhooks: ours, whatever a client asks for.

export const WEBHOOK_URL = "https://pay.example/konsol/webhook";
