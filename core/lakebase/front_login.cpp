#include "core/lakebase/front_login.hpp"

#include "core/base/log.hpp"

namespace pier::lakebase {

Login log_in(identity::Identity& identity, InstanceRuntime& instance, const std::string& user, const std::string& token,
             std::chrono::milliseconds wake_limit) {
  const auto refused = [&user] {
    return Login{.refusal = ClientError{.sql_state = "28P01",
                                        .message = "password authentication failed for user \"" + user + "\"",
                                        .hint = "the password is a token of this very user: databricks database "
                                                "generate-database-credential, or pier psql"}};
  };
  const auto caller = identity.authenticate_database(token, instance.name());
  const bool reserved = user == k_system_role || user == k_superuser_role || user.starts_with("pg_");
  if (!caller || reserved || !caller->is(user)) {
    log::info("lakebase", "event=login_refused instance=" + instance.name());
    return refused();
  }
  auto lease = instance.acquire(wake_limit);
  if (!lease) {
    return Login{.refusal =
                     ClientError{.sql_state = "57P03", .message = lease.error().message, .hint = lease.error().hint}};
  }
  return Login{.lease = *std::move(lease)};
}

} // namespace pier::lakebase
