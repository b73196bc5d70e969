//! The command line, through the real binary: what it prints, how it ends, and what it leaves in the database.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod agent_deregister;
mod agent_list;
mod agent_register;
mod agent_show;
mod completions;
mod counts;
mod crash;
mod crowd;
mod database_file;
mod db_backup;
mod db_check;
mod db_init;
mod db_purge;
mod db_restore;
mod doctor;
mod fleet_create;
mod fleet_delete;
mod fleet_key;
mod fleet_list;
mod fleet_show;
mod man;
mod member_capture;
mod member_create;
mod member_delete;
mod member_exec;
mod member_explain;
mod member_list;
mod member_ping;
mod member_send_input;
mod message_ack;
mod message_broadcast;
mod message_cancel;
mod message_cost;
mod message_poll;
mod message_send;
mod message_show;
mod monitor_start;
mod monitor_status;
mod options;
mod pipes;
mod setup;
mod support;
mod truncation;
