#pragma once

#include "core/base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace pier::sync {

/// A position in the write-ahead log; "16/B374D848" as text.
using Lsn = std::uint64_t;
std::string format_lsn(Lsn lsn);
Result<Lsn> parse_lsn(std::string_view text);

// Messages of PostgreSQL's pgoutput plugin, protocol version 1 (manual: "Logical Replication Message Formats").

struct PgColumn {
  std::string name;
  std::uint32_t type_oid = 0;
  std::int32_t modifier = -1;
  bool operator==(const PgColumn&) const = default;
};

struct PgRelation {
  std::uint32_t id = 0;
  std::string schema;
  std::string table;
  std::vector<PgColumn> columns;
};

/// A value as text; unchanged: a large one that an update did not touch and did not send.
struct PgValue {
  enum class Kind { null, unchanged, text } kind = Kind::null;
  std::string text;
};

using PgTuple = std::vector<PgValue>;

struct BeginMessage {
  Lsn commit = 0;
  std::int64_t time_micros = 0; ///< since 1970
  std::uint32_t xid = 0;
};

struct CommitMessage {
  Lsn commit = 0;
  Lsn end = 0;
};

struct InsertMessage {
  std::uint32_t relation = 0;
  PgTuple row;
};

struct UpdateMessage {
  std::uint32_t relation = 0;
  std::optional<PgTuple> before; ///< always there with REPLICA IDENTITY FULL
  PgTuple after;
};

struct DeleteMessage {
  std::uint32_t relation = 0;
  PgTuple before;
};

struct TruncateMessage {
  std::vector<std::uint32_t> relations;
};

/// Written by pg_logical_emit_message.
struct LogicalMessage {
  std::string prefix;
  std::string content;
};

/// Type and Origin messages, which nobody needs here.
struct OtherMessage {};

using PgOutputMessage = std::variant<OtherMessage, BeginMessage, CommitMessage, PgRelation, InsertMessage,
                                     UpdateMessage, DeleteMessage, TruncateMessage, LogicalMessage>;

/// Bounded by the message's own size. Error PIER8110 for what is no such message.
Result<PgOutputMessage> parse_pgoutput(std::string_view bytes);

/// The replication protocol around it: a piece of the log, or a sign of life.
struct XLogData {
  Lsn start = 0;
  std::string_view payload;
};

struct KeepAlive {
  Lsn end = 0;
  bool wants_reply = false;
};

Result<std::variant<XLogData, KeepAlive>> parse_replication_message(std::string_view bytes);

/// Standby status update: everything up to `flushed` is safe here. wants_reply: the server answers with a KeepAlive.
std::string status_update(Lsn received, Lsn flushed, bool wants_reply);

} // namespace pier::sync
