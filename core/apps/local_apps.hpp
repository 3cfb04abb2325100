#pragma once

#include "core/apps/app_runtime.hpp"
#include "core/apps/apps.hpp"
#include "core/apps/shared.hpp"

#include <map>
#include <memory>
#include <mutex>

namespace pier::apps {

/// A page of `items` by position; the token is the position of the next one.
Result<Page> page_of(std::vector<Json> items, std::int64_t size, std::string_view token);

/// Apps, and what the gateway asks of its owner.
class LocalApps final : public Apps, public GatewayHost {
 public:
  LocalApps(Options options, Rooms rooms, Registry registry);
  LocalApps(const LocalApps&) = delete;
  LocalApps& operator=(const LocalApps&) = delete;
  ~LocalApps() override;

  Result<void> start(WorkspaceAddress address) override;
  void shut_down() override;

  Result<Json> create(const identity::Caller& caller, const Json& app, bool no_compute) override;
  Result<Json> get(const identity::Caller& caller, std::string_view name) override;
  Result<Page> list(const identity::Caller& caller, std::int64_t page_size, std::string_view page_token) override;
  Result<Json> patch(const identity::Caller& caller, std::string_view name, const Json& app) override;
  Result<Json> create_update(const identity::Caller& caller, std::string_view name, const Json& request) override;
  Result<Json> get_update(const identity::Caller& caller, std::string_view name) override;
  Result<Json> start_app(const identity::Caller& caller, std::string_view name) override;
  Result<Json> stop_app(const identity::Caller& caller, std::string_view name) override;
  Result<Json> remove(const identity::Caller& caller, std::string_view name) override;
  Result<Json> deploy(const identity::Caller& caller, std::string_view name, const Json& deployment) override;
  Result<Json> deployment(const identity::Caller& caller, std::string_view name, std::string_view id) override;
  Result<Page> deployments(const identity::Caller& caller, std::string_view name, std::int64_t page_size,
                           std::string_view page_token) override;
  Result<std::string> sign_in_link(const identity::Caller& caller, std::string_view name,
                                   std::string_view user) override;
  Result<void> set_idle_timeout(const identity::Caller& caller, std::string_view name,
                                std::chrono::milliseconds timeout) override;

  Result<Visitor> visitor_by_token(const std::string& app, const std::string& token) override;
  Result<Visitor> visitor_by_id(const std::string& app, std::int64_t principal_id) override;
  Result<std::int64_t> redeem_sign_in(const std::string& token) override;
  void revoke_session(const std::string& session_id, TimePoint expires) override;
  void wake(const std::string& app) override;
  GatewayPage describe(const std::string& app) override;
  std::filesystem::path log_file(const std::string& app) override;

 private:
  struct UserToken {
    std::string token;
    std::string scopes; ///< for which it was made
    TimePoint renew;
  };

  [[nodiscard]] Result<void> check_started() const;
  Result<AppRecord> manageable(const identity::Caller& caller, std::string_view name);
  Result<AppRecord> active(const identity::Caller& caller, std::string_view name);
  Result<Json> document(const AppRecord& app);
  Result<void> open_door(AppRecord& app);
  Result<AppRecord> change_config(const identity::Caller& caller, const AppRecord& app, const Json& config);
  Result<Visitor> visitor(const std::string& app, const identity::Caller& caller);
  Result<std::string> user_token(const AppRecord& app, const identity::Caller& caller);
  std::shared_ptr<AppRuntime> runtime(std::string_view name);
  std::shared_ptr<AppRuntime> add_runtime(const std::string& name);

  [[nodiscard]] std::int64_t now() const { return to_epoch_millis(shared_.rooms.clock.now()); }

  Shared shared_;
  std::mutex mutex_;                                                         ///< of the members below
  std::map<std::string, std::shared_ptr<AppRuntime>, std::less<>> runtimes_; // callers may outlast the entry
  std::map<std::string, UserToken> user_tokens_;                             ///< by app and principal
};

} // namespace pier::apps
