#include "core/sync/pgoutput.hpp"

#include <array>
#include <charconv>
#include <cstdio>

namespace pier::sync {
namespace {

constexpr std::int64_t k_epoch_micros = 946'684'800'000'000; ///< 2000-01-01 since 1970

Error malformed(std::string_view what) {
  return Error{.kind = ErrorKind::internal,
               .code = "PIER8110",
               .message = "the server sent a replication message that is not understood: " + std::string(what)};
}

/// Reads big-endian numbers and texts; after the first read beyond the end everything is zero and ok() false.
class Reader {
 public:
  explicit Reader(std::string_view bytes)
      : rest_(bytes) {}

  template <class T> T number() {
    if (rest_.size() < sizeof(T)) {
      ok_ = false;
      rest_ = {};
      return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      value = (value << 8U) | static_cast<unsigned char>(rest_[i]);
    }
    rest_.remove_prefix(sizeof(T));
    return static_cast<T>(value);
  }

  std::string text() {
    const auto end = rest_.find('\0');
    if (end == std::string_view::npos) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    std::string out(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    return out;
  }

  std::string_view bytes(std::size_t count) {
    if (count > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const auto out = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return out;
  }

  [[nodiscard]] bool ok() const { return ok_; }

  [[nodiscard]] std::size_t left() const { return rest_.size(); }

  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

bool read_tuple(Reader& reader, PgTuple& tuple) {
  const auto count = reader.number<std::uint16_t>();
  if (count > reader.left()) {
    return false; // each value has at least one byte
  }
  tuple.reserve(count);
  for (std::uint16_t i = 0; i < count; ++i) {
    PgValue value;
    switch (reader.number<char>()) {
    case 'n': break;
    case 'u': value.kind = PgValue::Kind::unchanged; break;
    case 't': {
      value.kind = PgValue::Kind::text;
      value.text = reader.bytes(reader.number<std::uint32_t>());
      break;
    }
    default: return false;
    }
    tuple.push_back(std::move(value));
  }
  return reader.ok();
}

Result<PgOutputMessage> read_relation(Reader& reader) {
  PgRelation relation{.id = reader.number<std::uint32_t>()};
  relation.schema = reader.text();
  relation.table = reader.text();
  reader.number<char>(); // replica identity
  const auto count = reader.number<std::uint16_t>();
  for (std::uint16_t i = 0; i < count && reader.ok(); ++i) {
    reader.number<char>(); // flags: part of the key
    PgColumn column{.name = reader.text()};
    column.type_oid = reader.number<std::uint32_t>();
    column.modifier = reader.number<std::int32_t>();
    relation.columns.push_back(std::move(column));
  }
  if (!reader.ok()) {
    return malformed("relation");
  }
  if (relation.schema.empty()) {
    relation.schema = "pg_catalog";
  }
  return PgOutputMessage(std::move(relation));
}

Result<PgOutputMessage> read_update(Reader& reader) {
  UpdateMessage update{.relation = reader.number<std::uint32_t>()};
  auto kind = reader.number<char>();
  if (kind == 'O' || kind == 'K') {
    PgTuple before;
    if (!read_tuple(reader, before)) {
      return malformed("update");
    }
    update.before = std::move(before);
    kind = reader.number<char>();
  }
  if (kind != 'N' || !read_tuple(reader, update.after)) {
    return malformed("update");
  }
  return PgOutputMessage(std::move(update));
}

Result<PgOutputMessage> read_truncate(Reader& reader) {
  TruncateMessage truncate;
  const auto count = reader.number<std::uint32_t>();
  reader.number<char>(); // options
  if (!reader.ok() || std::uint64_t{count} * 4 > reader.left()) {
    return malformed("truncate");
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    truncate.relations.push_back(reader.number<std::uint32_t>());
  }
  return PgOutputMessage(std::move(truncate));
}

Result<PgOutputMessage> read_logical(Reader& reader) {
  reader.number<char>(); // flags: 1 = transactional
  reader.number<std::uint64_t>();
  LogicalMessage message{.prefix = reader.text()};
  message.content = reader.bytes(reader.number<std::uint32_t>());
  if (!reader.ok()) {
    return malformed("logical message");
  }
  return PgOutputMessage(std::move(message));
}

void append_number(std::string& out, std::uint64_t value) {
  for (unsigned shift = 64; shift > 0; shift -= 8) {
    out += static_cast<char>((value >> (shift - 8)) & 0xFFU);
  }
}

} // namespace

std::string format_lsn(Lsn lsn) {
  std::array<char, 24> text{};
  const int size = std::snprintf(text.data(), text.size(), "%X/%X", static_cast<unsigned>(lsn >> 32U),
                                 static_cast<unsigned>(lsn & 0xFFFFFFFFU));
  return {text.data(), static_cast<std::size_t>(size)};
}

Result<Lsn> parse_lsn(std::string_view text) {
  std::uint32_t high = 0;
  std::uint32_t low = 0;
  const auto slash = text.find('/');
  if (slash != std::string_view::npos) {
    const char* end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), text.data() + slash, high, 16);
    const auto second = std::from_chars(text.data() + slash + 1, end, low, 16);
    if (first.ec == std::errc() && second.ec == std::errc() && first.ptr == text.data() + slash && second.ptr == end) {
      return (Lsn{high} << 32U) | low;
    }
  }
  return malformed("log position '" + std::string(text) + "'");
}

Result<PgOutputMessage> parse_pgoutput(std::string_view bytes) {
  Reader reader(bytes);
  switch (reader.number<char>()) {
  case 'B': {
    BeginMessage begin{.commit = reader.number<std::uint64_t>()};
    begin.time_micros = reader.number<std::int64_t>();
    begin.xid = reader.number<std::uint32_t>();
    if (!reader.ok() || begin.time_micros > INT64_MAX - k_epoch_micros) {
      return malformed("begin");
    }
    begin.time_micros += k_epoch_micros;
    return PgOutputMessage(begin);
  }
  case 'C': {
    reader.number<char>();
    CommitMessage commit{.commit = reader.number<std::uint64_t>()};
    commit.end = reader.number<std::uint64_t>();
    if (!reader.ok()) {
      return malformed("commit");
    }
    return PgOutputMessage(commit);
  }
  case 'R': return read_relation(reader);
  case 'I': {
    InsertMessage insert{.relation = reader.number<std::uint32_t>()};
    if (reader.number<char>() != 'N' || !read_tuple(reader, insert.row)) {
      return malformed("insert");
    }
    return PgOutputMessage(std::move(insert));
  }
  case 'U': return read_update(reader);
  case 'D': {
    DeleteMessage removal{.relation = reader.number<std::uint32_t>()};
    const auto kind = reader.number<char>();
    if ((kind != 'O' && kind != 'K') || !read_tuple(reader, removal.before)) {
      return malformed("delete");
    }
    return PgOutputMessage(std::move(removal));
  }
  case 'T': return read_truncate(reader);
  case 'M': return read_logical(reader);
  case 'O':
  case 'Y': return PgOutputMessage(OtherMessage{});
  default: return malformed("unknown type");
  }
}

Result<std::variant<XLogData, KeepAlive>> parse_replication_message(std::string_view bytes) {
  Reader reader(bytes);
  const auto type = reader.number<char>();
  if (type == 'w') {
    XLogData data{.start = reader.number<std::uint64_t>()};
    reader.number<std::uint64_t>(); // end of the log
    reader.number<std::uint64_t>(); // clock
    data.payload = reader.rest();
    if (reader.ok()) {
      return std::variant<XLogData, KeepAlive>(data);
    }
  } else if (type == 'k') {
    KeepAlive alive{.end = reader.number<std::uint64_t>()};
    reader.number<std::uint64_t>();
    alive.wants_reply = reader.number<char>() != 0;
    if (reader.ok()) {
      return std::variant<XLogData, KeepAlive>(alive);
    }
  }
  return malformed("stream message");
}

std::string status_update(Lsn received, Lsn flushed, bool wants_reply) {
  std::string out = "r";
  append_number(out, received);
  append_number(out, flushed);
  append_number(out, flushed);
  append_number(out, 0); // our clock: only for display
  out += wants_reply ? '\1' : '\0';
  return out;
}

} // namespace pier::sync
