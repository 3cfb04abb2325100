#include "core/migrate/connection.hpp"

#include "core/base/shared_library.hpp"
#include "core/base/text.hpp"

#include <libpq-fe.h>

#include <array>

namespace pier::migrate {

namespace {

/// The functions of libpq that are used here.
struct Libpq {
  decltype(PQconnectdbParams)* connect = nullptr;
  decltype(PQstatus)* status = nullptr;
  decltype(PQerrorMessage)* error_message = nullptr;
  decltype(PQfinish)* finish = nullptr;
  decltype(PQexecParams)* exec = nullptr;
  decltype(PQresultStatus)* result_status = nullptr;
  decltype(PQresultErrorField)* error_field = nullptr;
  decltype(PQclear)* clear = nullptr;
  decltype(PQntuples)* rows = nullptr;
  decltype(PQnfields)* columns = nullptr;
  decltype(PQgetvalue)* value = nullptr;
  decltype(PQgetisnull)* is_null = nullptr;
  decltype(PQgetlength)* length = nullptr;
  decltype(PQserverVersion)* server_version = nullptr;
  decltype(PQsetNoticeProcessor)* set_notice_processor = nullptr;
  decltype(PQgetCancel)* get_cancel = nullptr;
  decltype(PQcancel)* cancel = nullptr;
  decltype(PQfreeCancel)* free_cancel = nullptr;
};

Result<Libpq> load() {
  auto library = SharedLibrary::load({"libpq.so.5", "libpq.so"}, "install libpq5 (Debian: apt-get install libpq5)");
  if (!library) {
    library.error().code = "PIER8410";
    return std::move(library).error();
  }
  Libpq out;
  bool complete = true;
  const auto bind = [&]<class Function>(Function*& function, const char* name) {
    function = library->function<Function>(name);
    complete = complete && function != nullptr;
  };
  bind(out.connect, "PQconnectdbParams");
  bind(out.status, "PQstatus");
  bind(out.error_message, "PQerrorMessage");
  bind(out.finish, "PQfinish");
  bind(out.exec, "PQexecParams");
  bind(out.result_status, "PQresultStatus");
  bind(out.error_field, "PQresultErrorField");
  bind(out.clear, "PQclear");
  bind(out.rows, "PQntuples");
  bind(out.columns, "PQnfields");
  bind(out.value, "PQgetvalue");
  bind(out.is_null, "PQgetisnull");
  bind(out.length, "PQgetlength");
  bind(out.server_version, "PQserverVersion");
  bind(out.set_notice_processor, "PQsetNoticeProcessor");
  bind(out.get_cancel, "PQgetCancel");
  bind(out.cancel, "PQcancel");
  bind(out.free_cancel, "PQfreeCancel");
  if (!complete) {
    return Error{.kind = ErrorKind::unavailable, .code = "PIER8410", .message = "this libpq is too old"};
  }
  return out;
}

/// libpq's messages have several lines, each "connection to server at …: reason".
std::string one_line(std::string_view message) {
  std::string out;
  for (const auto& line : split(message, '\n')) {
    if (const auto text = trim(line); !text.empty()) {
      out += (out.empty() ? "" : "; ") + std::string(text);
    }
  }
  return out;
}

Error connect_error(std::string_view message, const ConnectionParameters& parameters) {
  const auto text = one_line(message);
  const bool refused = text.find("authentication failed") != std::string::npos ||
                       text.find("permission denied for database") != std::string::npos ||
                       (text.find("role \"") != std::string::npos && text.find("does not exist") != std::string::npos);
  return Error{.kind = refused ? ErrorKind::unauthenticated : ErrorKind::unavailable,
               .code = refused ? "PIER8411" : "PIER8410",
               .message =
                   "cannot log in to the database " + parameters.database + " as " + parameters.user + ": " + text,
               .hint = refused ? "check who you are: pier status" : ""};
}

} // namespace

struct Connection::Impl {
  Libpq libpq;
  PGconn* handle = nullptr;

  Impl(Libpq functions, PGconn* connection)
      : libpq(functions),
        handle(connection) {}

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  ~Impl() { libpq.finish(handle); }

  [[nodiscard]] std::string field(const PGresult* result, int code) const {
    const char* text = libpq.error_field(result, code);
    return text == nullptr ? std::string() : text;
  }

  [[nodiscard]] ServerError error_of(const PGresult* result) const {
    ServerError out{.sqlstate = field(result, PG_DIAG_SQLSTATE),
                    .message = field(result, PG_DIAG_MESSAGE_PRIMARY),
                    .detail = field(result, PG_DIAG_MESSAGE_DETAIL),
                    .hint = field(result, PG_DIAG_MESSAGE_HINT)};
    std::int64_t position = 0;
    if (parse_int64(field(result, PG_DIAG_STATEMENT_POSITION), position) && position > 0) {
      out.position = static_cast<std::size_t>(position);
    }
    if (out.message.empty()) { // the connection is lost: libpq speaks, not the server
      out.sqlstate = "08006";
      out.message = one_line(libpq.error_message(handle));
    }
    return out;
  }

  [[nodiscard]] Rows rows_of(const PGresult* result) const {
    Rows out(static_cast<std::size_t>(libpq.rows(result)));
    for (std::size_t row = 0; row < out.size(); ++row) {
      for (int column = 0; column < libpq.columns(result); ++column) {
        const int r = static_cast<int>(row);
        if (libpq.is_null(result, r, column) != 0) {
          out[row].emplace_back(std::nullopt);
        } else {
          const auto length = static_cast<std::size_t>(libpq.length(result, r, column));
          out[row].emplace_back(std::string(libpq.value(result, r, column), length));
        }
      }
    }
    return out;
  }
};

Connection::Connection(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)) {}

Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

Result<Connection> Connection::open(const ConnectionParameters& parameters) {
  PIER_TRY_ASSIGN(const auto libpq, load());
  const auto port = std::to_string(parameters.port);
  const auto timeout = std::to_string(parameters.connect_timeout.count());
  const std::array names{"host",
                         "port",
                         "user",
                         "password",
                         "dbname",
                         "sslmode",
                         "sslrootcert",
                         "application_name",
                         "connect_timeout",
                         "client_encoding",
                         "passfile",
                         static_cast<const char*>(nullptr)};
  const std::array values{parameters.host.c_str(),
                          port.c_str(),
                          parameters.user.c_str(),
                          parameters.password.reveal().c_str(),
                          parameters.database.c_str(),
                          parameters.sslmode.c_str(),
                          parameters.sslrootcert.c_str(),
                          "pier migrate",
                          timeout.c_str(),
                          "UTF8",
                          "/dev/null/none", // nobody's stored passwords
                          static_cast<const char*>(nullptr)};
  auto impl = std::make_unique<Impl>(libpq, libpq.connect(names.data(), values.data(), 0));
  if (impl->handle == nullptr || libpq.status(impl->handle) != CONNECTION_OK) {
    return connect_error(impl->handle == nullptr ? "out of memory" : libpq.error_message(impl->handle), parameters);
  }
  libpq.set_notice_processor(impl->handle, [](void*, const char*) {}, nullptr);
  return Connection(std::move(impl));
}

std::variant<Rows, ServerError> Connection::run(const std::string& statement,
                                                const std::vector<std::optional<std::string>>& parameters,
                                                const std::stop_token& stop) {
  std::vector<const char*> values;
  for (const auto& parameter : parameters) {
    values.push_back(parameter ? parameter->c_str() : nullptr);
  }
  const auto& libpq = impl_->libpq;
  const std::stop_callback cancel(stop, [this, &libpq] {
    if (auto* request = libpq.get_cancel(impl_->handle)) {
      std::array<char, 256> problem{};
      libpq.cancel(request, problem.data(), static_cast<int>(problem.size()));
      libpq.free_cancel(request);
    }
  });
  // The extended protocol takes one statement only: what the splitter missed cannot slip through.
  auto* result = libpq.exec(impl_->handle, statement.c_str(), static_cast<int>(values.size()), nullptr, values.data(),
                            nullptr, nullptr, 0);
  const auto status = libpq.result_status(result);
  std::variant<Rows, ServerError> out;
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY) {
    out = impl_->rows_of(result);
  } else {
    out = impl_->error_of(result);
  }
  libpq.clear(result);
  return out;
}

Result<Rows> Connection::query(const std::string& statement,
                               const std::vector<std::optional<std::string>>& parameters) {
  auto outcome = run(statement, parameters);
  if (auto* failure = std::get_if<ServerError>(&outcome)) {
    const bool denied = failure->sqlstate == "42501";
    return Error{.kind = denied       ? ErrorKind::permission_denied
                         : is_alive() ? ErrorKind::invalid_state
                                      : ErrorKind::unavailable,
                 .code = "PIER8412",
                 .message = failure->message + " (SQLSTATE " + failure->sqlstate + ")",
                 .hint = failure->hint};
  }
  return std::get<Rows>(std::move(outcome));
}

int Connection::server_version() const {
  return impl_->libpq.server_version(impl_->handle);
}

bool Connection::is_alive() const {
  return impl_->libpq.status(impl_->handle) == CONNECTION_OK;
}

std::string quote_identifier(std::string_view name) {
  return "\"" + replace_all(std::string(name), "\"", "\"\"") + "\"";
}

std::string quote_literal(std::string_view text) {
  const bool escapes = text.find('\\') != std::string_view::npos;
  auto quoted = replace_all(std::string(text), "'", "''");
  if (escapes) {
    quoted = replace_all(std::move(quoted), "\\", "\\\\");
  }
  return (escapes ? " E'" : "'") + quoted + "'";
}

} // namespace pier::migrate
