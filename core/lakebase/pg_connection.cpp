#include "core/lakebase/pg_connection.hpp"

#include "core/base/shared_library.hpp"

#include <libpq-fe.h>

#include <array>
#include <charconv>

namespace pier::lakebase {
namespace {

/// libpq's functions that are used here, all as old as libpq 5. It comes with two dozen other libraries, so it is
/// loaded on first use.
struct Libpq {
  SharedLibrary library;
  decltype(PQcancel)* cancel = library.function<decltype(PQcancel)>("PQcancel");
  decltype(PQclear)* clear = library.function<decltype(PQclear)>("PQclear");
  decltype(PQcmdTuples)* changed_rows = library.function<decltype(PQcmdTuples)>("PQcmdTuples");
  decltype(PQconnectdb)* connect = library.function<decltype(PQconnectdb)>("PQconnectdb");
  decltype(PQconsumeInput)* consume_input = library.function<decltype(PQconsumeInput)>("PQconsumeInput");
  decltype(PQerrorMessage)* error_message = library.function<decltype(PQerrorMessage)>("PQerrorMessage");
  decltype(PQexec)* exec = library.function<decltype(PQexec)>("PQexec");
  decltype(PQexecParams)* exec_params = library.function<decltype(PQexecParams)>("PQexecParams");
  decltype(PQfinish)* finish = library.function<decltype(PQfinish)>("PQfinish");
  decltype(PQflush)* flush = library.function<decltype(PQflush)>("PQflush");
  decltype(PQfreeCancel)* free_cancel = library.function<decltype(PQfreeCancel)>("PQfreeCancel");
  decltype(PQfreemem)* free_memory = library.function<decltype(PQfreemem)>("PQfreemem");
  decltype(PQgetCancel)* get_cancel = library.function<decltype(PQgetCancel)>("PQgetCancel");
  decltype(PQgetCopyData)* get_copy_data = library.function<decltype(PQgetCopyData)>("PQgetCopyData");
  decltype(PQgetResult)* get_result = library.function<decltype(PQgetResult)>("PQgetResult");
  decltype(PQgetisnull)* get_is_null = library.function<decltype(PQgetisnull)>("PQgetisnull");
  decltype(PQgetlength)* get_length = library.function<decltype(PQgetlength)>("PQgetlength");
  decltype(PQgetvalue)* get_value = library.function<decltype(PQgetvalue)>("PQgetvalue");
  decltype(PQnfields)* column_count = library.function<decltype(PQnfields)>("PQnfields");
  decltype(PQnotifies)* notifies = library.function<decltype(PQnotifies)>("PQnotifies");
  decltype(PQntuples)* row_count = library.function<decltype(PQntuples)>("PQntuples");
  decltype(PQputCopyData)* put_copy_data = library.function<decltype(PQputCopyData)>("PQputCopyData");
  decltype(PQputCopyEnd)* put_copy_end = library.function<decltype(PQputCopyEnd)>("PQputCopyEnd");
  decltype(PQresultErrorField)* result_error_field =
      library.function<decltype(PQresultErrorField)>("PQresultErrorField");
  decltype(PQresultStatus)* result_status = library.function<decltype(PQresultStatus)>("PQresultStatus");
  decltype(PQserverVersion)* server_version = library.function<decltype(PQserverVersion)>("PQserverVersion");
  decltype(PQsetNoticeProcessor)* set_notice_processor =
      library.function<decltype(PQsetNoticeProcessor)>("PQsetNoticeProcessor");
  decltype(PQsocket)* socket = library.function<decltype(PQsocket)>("PQsocket");
  decltype(PQstatus)* status = library.function<decltype(PQstatus)>("PQstatus");
  decltype(PQtransactionStatus)* transaction_status =
      library.function<decltype(PQtransactionStatus)>("PQtransactionStatus");
};

Result<Libpq> load_libpq() {
  PIER_TRY_ASSIGN(auto library, SharedLibrary::load({"libpq.so.5"}, "apt-get install libpq5"));
  return Libpq{.library = library};
}

/// Loaded once; connect() reports when it cannot be, so everything after it may count on it.
const Result<Libpq>& libpq() {
  static const Result<Libpq> loaded = load_libpq();
  return loaded;
}

struct FreeResult {
  void operator()(PGresult* result) const { libpq()->clear(result); }
};

using ResultPtr = std::unique_ptr<PGresult, FreeResult>;

std::string without_trailing_newline(const char* text) {
  std::string out = text != nullptr ? text : "";
  while (!out.empty() && out.back() == '\n') {
    out.pop_back();
  }
  return out;
}

Error connection_error(PGconn* connection) {
  return Error{.kind = ErrorKind::unavailable,
               .code = "PIER8010",
               .message = without_trailing_newline(libpq()->error_message(connection))};
}

ErrorKind kind_of_state(std::string_view state) {
  if (state == "57014") {
    return ErrorKind::interrupted;
  }
  if (state == "42710" || state == "42P04" || state == "42P06" || state == "42P07") {
    return ErrorKind::already_exists;
  }
  if (state.starts_with("23") || state.starts_with("22")) {
    return ErrorKind::invalid_argument;
  }
  if (state == "42501" || state.starts_with("28")) {
    return ErrorKind::permission_denied;
  }
  if (state.starts_with("40")) {
    return ErrorKind::conflict;
  }
  if (state.starts_with("57") || state.starts_with("08")) {
    return ErrorKind::unavailable;
  }
  return ErrorKind::invalid_state;
}

Error server_error(PGconn* connection, const PGresult* result) {
  const char* state = result != nullptr ? libpq()->result_error_field(result, PG_DIAG_SQLSTATE) : nullptr;
  if (state == nullptr) {
    return connection_error(connection);
  }
  Error error{.kind = kind_of_state(state), .code = "PIER8011"};
  error.message = std::string(state) + ": " + libpq()->result_error_field(result, PG_DIAG_MESSAGE_PRIMARY);
  if (const char* detail = libpq()->result_error_field(result, PG_DIAG_MESSAGE_DETAIL); detail != nullptr) {
    error.message += std::string(" (") + detail + ")";
  }
  if (const char* hint = libpq()->result_error_field(result, PG_DIAG_MESSAGE_HINT); hint != nullptr) {
    error.hint = hint;
  }
  return error;
}

std::int64_t affected(PGresult* result) {
  const std::string_view text = libpq()->changed_rows(result);
  std::int64_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

} // namespace

struct PgConnection::Impl {
  explicit Impl(PGconn* handle)
      : connection(handle),
        cancel(libpq()->get_cancel(handle)) {}

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  ~Impl() {
    libpq()->free_cancel(cancel);
    libpq()->finish(connection);
  }

  [[nodiscard]] ResultPtr run(const std::string& sql, const std::vector<std::optional<std::string>>& arguments) const {
    std::vector<const char*> values;
    values.reserve(arguments.size());
    for (const auto& argument : arguments) {
      values.push_back(argument ? argument->c_str() : nullptr);
    }
    return ResultPtr(libpq()->exec_params(connection, sql.c_str(), static_cast<int>(values.size()), nullptr,
                                          values.data(), nullptr, nullptr, 0));
  }

  /// The error of a finished COPY, if any; takes all results.
  Result<std::int64_t> finish() const {
    std::int64_t count = 0;
    std::optional<Error> failure;
    while (ResultPtr result{libpq()->get_result(connection)}) {
      const auto status = libpq()->result_status(result.get());
      if (status == PGRES_COMMAND_OK) {
        count = affected(result.get());
      } else if (status == PGRES_FATAL_ERROR && !failure) {
        failure = server_error(connection, result.get());
      }
      if (libpq()->status(connection) != CONNECTION_OK) {
        break;
      }
    }
    if (failure) {
      return *std::move(failure);
    }
    if (libpq()->status(connection) != CONNECTION_OK) {
      return connection_error(connection);
    }
    return count;
  }

  PGconn* connection;
  PGcancel* cancel;
};

PgConnection::PgConnection(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)) {}

PgConnection::PgConnection(PgConnection&&) noexcept = default;
PgConnection& PgConnection::operator=(PgConnection&&) noexcept = default;
PgConnection::~PgConnection() = default;

Result<PgConnection> PgConnection::connect(const std::string& conninfo) {
  if (!libpq()) {
    return libpq().error();
  }
  PGconn* handle = libpq()->connect(conninfo.c_str());
  if (libpq()->status(handle) != CONNECTION_OK) {
    auto error = connection_error(handle);
    libpq()->finish(handle);
    return error;
  }
  libpq()->set_notice_processor(handle, [](void*, const char*) {}, nullptr);
  return PgConnection(std::make_unique<Impl>(handle));
}

namespace {

/// Two sessions changed the same row of the system catalog (GRANT, ALTER ROLE): PostgreSQL does not wait there but
/// fails with XX000 and this text. Whoever comes second just does it again.
bool lost_catalog_race(PGconn* connection, const PGresult* result) {
  const char* message = result != nullptr ? libpq()->result_error_field(result, PG_DIAG_MESSAGE_PRIMARY) : nullptr;
  return message != nullptr && std::string_view(message).starts_with("tuple concurrently") &&
         libpq()->transaction_status(connection) == PQTRANS_IDLE;
}

constexpr int k_catalog_attempts = 20;

} // namespace

Result<void> PgConnection::execute(const std::string& sql) {
  ResultPtr result(libpq()->exec(impl_->connection, sql.c_str()));
  for (int attempt = 1; attempt < k_catalog_attempts && lost_catalog_race(impl_->connection, result.get()); ++attempt) {
    result.reset(libpq()->exec(impl_->connection, sql.c_str()));
  }
  const auto status = libpq()->result_status(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY) {
    return server_error(impl_->connection, result.get());
  }
  return {};
}

Result<PgRows> PgConnection::query(const std::string& sql, const std::vector<std::optional<std::string>>& arguments) {
  const auto result = impl_->run(sql, arguments);
  const auto status = libpq()->result_status(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
    return server_error(impl_->connection, result.get());
  }
  const int columns = libpq()->column_count(result.get());
  std::vector<std::optional<std::string>> cells;
  for (int row = 0; row < libpq()->row_count(result.get()); ++row) {
    for (int column = 0; column < columns; ++column) {
      if (libpq()->get_is_null(result.get(), row, column) != 0) {
        cells.emplace_back();
      } else {
        cells.emplace_back(std::string(libpq()->get_value(result.get(), row, column),
                                       static_cast<std::size_t>(libpq()->get_length(result.get(), row, column))));
      }
    }
  }
  return PgRows(static_cast<std::size_t>(columns), std::move(cells));
}

Result<std::int64_t> PgConnection::change(const std::string& sql,
                                          const std::vector<std::optional<std::string>>& arguments) {
  const auto result = impl_->run(sql, arguments);
  const auto status = libpq()->result_status(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
    return server_error(impl_->connection, result.get());
  }
  return affected(result.get());
}

Result<void> PgConnection::begin_copy(const std::string& sql) {
  const ResultPtr result(libpq()->exec(impl_->connection, sql.c_str()));
  if (libpq()->result_status(result.get()) != PGRES_COPY_IN) {
    return server_error(impl_->connection, result.get());
  }
  return {};
}

Result<void> PgConnection::put_copy(std::string_view bytes) {
  if (libpq()->put_copy_data(impl_->connection, bytes.data(), static_cast<int>(bytes.size())) != 1) {
    return connection_error(impl_->connection);
  }
  return {};
}

Result<std::int64_t> PgConnection::end_copy() {
  if (libpq()->put_copy_end(impl_->connection, nullptr) != 1) {
    return connection_error(impl_->connection);
  }
  return impl_->finish();
}

void PgConnection::abort_copy(const std::string& reason) {
  libpq()->put_copy_end(impl_->connection, reason.c_str());
  [[maybe_unused]] const auto ignored = impl_->finish();
}

Result<void> PgConnection::begin_replication(const std::string& sql) {
  const ResultPtr result(libpq()->exec(impl_->connection, sql.c_str()));
  if (libpq()->result_status(result.get()) != PGRES_COPY_BOTH) {
    return server_error(impl_->connection, result.get());
  }
  return {};
}

Result<std::optional<std::string>> PgConnection::read_copy() {
  for (int attempt = 0; attempt < 2; ++attempt) {
    char* buffer = nullptr;
    const int length = libpq()->get_copy_data(impl_->connection, &buffer, 1);
    if (length > 0) {
      std::string message(buffer, static_cast<std::size_t>(length));
      libpq()->free_memory(buffer);
      return std::optional<std::string>(std::move(message));
    }
    if (length < 0) {
      PIER_TRY(impl_->finish());
      return Error{
          .kind = ErrorKind::unavailable, .code = "PIER8010", .message = "the server ended the replication stream"};
    }
    if (attempt == 0 && libpq()->consume_input(impl_->connection) != 1) {
      return connection_error(impl_->connection);
    }
  }
  return std::optional<std::string>();
}

Result<void> PgConnection::write_copy(std::string_view bytes) {
  if (libpq()->put_copy_data(impl_->connection, bytes.data(), static_cast<int>(bytes.size())) != 1 ||
      libpq()->flush(impl_->connection) < 0) {
    return connection_error(impl_->connection);
  }
  return {};
}

void PgConnection::end_replication() {
  libpq()->put_copy_end(impl_->connection, nullptr);
  libpq()->flush(impl_->connection);
}

Result<std::vector<std::string>> PgConnection::notifications() {
  if (libpq()->consume_input(impl_->connection) != 1) {
    return connection_error(impl_->connection);
  }
  std::vector<std::string> payloads;
  while (PGnotify* notify = libpq()->notifies(impl_->connection)) {
    payloads.emplace_back(notify->extra);
    libpq()->free_memory(notify);
  }
  return payloads;
}

int PgConnection::socket() const {
  return libpq()->socket(impl_->connection);
}

int PgConnection::server_version() const {
  return libpq()->server_version(impl_->connection);
}

bool PgConnection::ok() const {
  return libpq()->status(impl_->connection) == CONNECTION_OK;
}

void PgConnection::cancel() const {
  std::array<char, 256> reason{};
  libpq()->cancel(impl_->cancel, reason.data(), static_cast<int>(reason.size()));
}

std::string quote_identifier(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    out += c;
    if (c == '"') {
      out += c;
    }
  }
  return out + "\"";
}

std::string quote_literal(std::string_view text) {
  std::string out = text.find('\\') != std::string_view::npos ? " E'" : "'";
  for (const char c : text) {
    out += c;
    if (c == '\'' || c == '\\') {
      out += c;
    }
  }
  return out + "'";
}

std::string quote_conninfo(std::string_view value) {
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') {
      out += '\\';
    }
    out += c;
  }
  return out + "'";
}

std::string sql_state(const Error& error) {
  return error.code == "PIER8011" ? error.message.substr(0, 5) : "";
}

} // namespace pier::lakebase
