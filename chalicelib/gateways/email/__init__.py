"""E-mail: notifications as mails, by SNS as plain text or by SES with HTML."""
