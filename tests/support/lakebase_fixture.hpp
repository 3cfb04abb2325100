#pragma once

#include "core/base/clock.hpp"
#include "core/base/fd.hpp"
#include "core/base/files.hpp"
#include "core/base/text.hpp"
#include "core/identity/identity.hpp"
#include "core/lakebase/lakebase.hpp"
#include "core/lakebase/pg_connection.hpp"
#include "core/store/database.hpp"
#include "tests/support/limits.hpp"

#include <doctest/doctest.h>

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <memory>
#include <string>

namespace pier::test {

/// A workspace of its own in a temporary folder with a real Lakebase; ends with everything in it.
struct LakebaseFixture {
  TempDirectory folder = TempDirectory::create("pier-lakebase").value();
  SystemClock clock;
  std::unique_ptr<store::Database> database = store::Database::open(folder.path() / "workspace.db").value();
  std::unique_ptr<identity::Identity> identity = identity::Identity::open(*database, clock).value();
  std::string template_sql;
  std::unique_ptr<lakebase::Lakebase> lakebase;

  void open(std::chrono::seconds idle = std::chrono::seconds(300)) {
    lakebase = lakebase::Lakebase::open(*database, *identity, clock,
                                        {.folder = folder.path() / "lakebase",
                                         .tls_folder = folder.path() / "tls",
                                         .idle_timeout = idle,
                                         .database_template_sql = template_sql})
                   .value();
  }

  [[nodiscard]] identity::Caller owner() const { return identity->owner().value(); }

  lakebase::Instance create(const std::string& name) {
    const auto made = lakebase->create_instance(owner(), Json::object({{"name", name}}));
    REQUIRE_MESSAGE(made, (made ? "" : made.error().to_string()));
    auto ready = lakebase->wait_until_ready(name, k_hang_limit);
    REQUIRE_MESSAGE(ready, (ready ? "" : ready.error().to_string()));
    return *ready;
  }

  std::string token(const identity::Caller& caller, std::vector<std::string> instances = {}) {
    return identity
        ->issue({.principal_id = caller.principal.id,
                 .kind = identity::TokenKind::database,
                 .instances = std::move(instances)})
        .value()
        .token.reveal();
  }

  /// A client's connection string through the front.
  static std::string client(const lakebase::Instance& instance, const std::string& user, const std::string& password,
                            const std::string& more = "sslmode=require",
                            const std::string& dbname = "databricks_postgres") {
    using lakebase::quote_conninfo;
    return "host=" + instance.host + " port=" + std::to_string(instance.port) + " user=" + quote_conninfo(user) +
           " password=" + quote_conninfo(password) + " dbname=" + quote_conninfo(dbname) + " connect_timeout=30 " +
           more;
  }

  [[nodiscard]] pid_t postmaster_pid(const std::string& instance) const {
    const auto text = read_file(folder.path() / "lakebase" / instance / "data" / "postmaster.pid");
    std::int64_t pid = 0;
    REQUIRE(text);
    REQUIRE(parse_int64(split(*text, '\n').front(), pid));
    return static_cast<pid_t>(pid);
  }

  /// Whether a process is gone, or goes within the limit.
  static bool ends(pid_t pid, std::chrono::milliseconds limit = k_hang_limit) {
    const UniqueFd handle(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!handle) {
      return true;
    }
    pollfd entry{handle.get(), POLLIN, 0};
    return ::poll(&entry, 1, static_cast<int>(limit.count())) == 1;
  }

  lakebase::PgConnection connect(const std::string& conninfo) {
    auto connection = lakebase::PgConnection::connect(conninfo);
    REQUIRE_MESSAGE(connection, (connection ? "" : connection.error().to_string()));
    return *std::move(connection);
  }

  /// As the owner of the workspace, through the front.
  lakebase::PgConnection connect_owner(const lakebase::Instance& instance) {
    return connect(client(instance, owner().principal.name, token(owner())));
  }

  lakebase::PgConnection connect_system(const std::string& instance,
                                        const std::string& dbname = "databricks_postgres") {
    return connect(lakebase->system_connection(instance, dbname).value());
  }
};

} // namespace pier::test
