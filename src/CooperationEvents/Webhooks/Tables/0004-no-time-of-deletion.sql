alter table feed.deleted_subscription drop column deleted_at;
