/// The sample `.env` of the production guide, and the secrets in it that are placeholders.
enum GuideSample {
    static let placeholders = [
        "SUPABASE_ANON_KEY", "SUPABASE_SERVICE_ROLE_KEY", "JWT_SECRET", "STRIPE_SECRET_KEY", "STRIPE_PUBLISHABLE_KEY",
        "STRIPE_WEBHOOK_SECRET", "RESEND_API_KEY", "REDIS_PASSWORD", "SENTRY_DSN", "POSTHOG_API_KEY",
        "SLACK_WEBHOOK_URL", "DISCORD_WEBHOOK_URL", "OPENAI_API_KEY", "ANTHROPIC_API_KEY",
    ]

    static let dotenv = #"""
        # =============================================================================
        # SUPABASE PRODUCTION CONFIGURATION
        # =============================================================================
        SUPABASE_URL=https://your-project-id.supabase.co
        SUPABASE_ANON_KEY=<jwt signed with JWT_SECRET>
        SUPABASE_SERVICE_ROLE_KEY=<jwt signed with JWT_SECRET>
        SUPABASE_PROJECT_ID=your-project-id

        # Database Configuration
        DATABASE_MAX_CONNECTIONS=20
        DATABASE_IDLE_TIMEOUT=30000
        DATABASE_CONNECTION_TIMEOUT=10000
        DATABASE_SSL_MODE=require

        # =============================================================================
        # APPLICATION CONFIGURATION
        # =============================================================================
        NODE_ENV=production
        APP_URL=https://yourdomain.com
        API_URL=https://your-project-id.supabase.co

        # JWT Configuration
        JWT_SECRET=your-super-secure-jwt-secret-256-bits-minimum
        JWT_EXPIRY=7d
        REFRESH_TOKEN_EXPIRY=30d

        # =============================================================================
        # STRIPE PRODUCTION CONFIGURATION
        # =============================================================================
        STRIPE_SECRET_KEY=sk_live_...
        STRIPE_PUBLISHABLE_KEY=pk_live_...
        STRIPE_WEBHOOK_SECRET=whsec_...

        # Stripe Product Configuration
        STRIPE_PRICE_BASIC=price_live_basic_monthly
        STRIPE_PRICE_PRO=price_live_pro_monthly  
        STRIPE_PRICE_ENTERPRISE=price_live_enterprise_monthly

        # =============================================================================
        # EMAIL CONFIGURATION
        # =============================================================================
        RESEND_API_KEY=re_live_...
        EMAIL_FROM=noreply@yourdomain.com
        EMAIL_FROM_NAME=Your SaaS Name

        # Email Templates
        WELCOME_EMAIL_TEMPLATE_ID=template_welcome
        BILLING_EMAIL_TEMPLATE_ID=template_billing
        NOTIFICATION_EMAIL_TEMPLATE_ID=template_notification

        # =============================================================================
        # SECURITY CONFIGURATION
        # =============================================================================
        # CORS Configuration
        CORS_ORIGINS=https://yourdomain.com,https://www.yourdomain.com,https://admin.yourdomain.com
        CORS_CREDENTIALS=true

        # Rate Limiting (requests per minute)
        RATE_LIMIT_GLOBAL=1000
        RATE_LIMIT_AUTH=10
        RATE_LIMIT_API_KEYS=5
        RATE_LIMIT_BILLING=20
        RATE_LIMIT_BURST_MULTIPLIER=2

        # Security Headers
        ENABLE_HSTS=true
        ENABLE_CSP=true
        ENABLE_SECURITY_HEADERS=true

        # =============================================================================
        # PERFORMANCE CONFIGURATION
        # =============================================================================
        # Caching Configuration
        CACHE_ENABLED=true
        CACHE_TTL_DEFAULT=300000
        CACHE_TTL_USER_DATA=60000
        CACHE_TTL_STATIC_DATA=3600000
        CACHE_MAX_SIZE=1000

        # Redis Configuration (if using Redis)
        REDIS_URL=redis://your-redis-instance:6379/0
        REDIS_PASSWORD=your-redis-password
        REDIS_MAX_CONNECTIONS=20

        # CDN Configuration
        CDN_URL=https://cdn.yourdomain.com
        ENABLE_COMPRESSION=true

        # =============================================================================
        # MONITORING & OBSERVABILITY
        # =============================================================================
        # Logging Configuration
        LOG_LEVEL=warn
        LOG_FORMAT=json
        ENABLE_PERFORMANCE_LOGGING=true
        ENABLE_AUDIT_LOGGING=true

        # Error Tracking
        SENTRY_DSN=https://your-sentry-dsn@sentry.io/project-id
        SENTRY_ENVIRONMENT=production
        SENTRY_RELEASE=v1.0.0
        SENTRY_SAMPLE_RATE=0.1

        # Metrics & Analytics
        METRICS_ENABLED=true
        ANALYTICS_ENABLED=true
        POSTHOG_API_KEY=phc_your_posthog_key
        POSTHOG_HOST=https://app.posthog.com

        # Health Check Configuration
        HEALTH_CHECK_ENABLED=true
        HEALTH_CHECK_TIMEOUT=5000
        HEALTH_CHECK_INTERVAL=30000

        # =============================================================================
        # FEATURE FLAGS
        # =============================================================================
        FEATURE_API_KEYS=true
        FEATURE_BILLING=true
        FEATURE_EMAIL=true
        FEATURE_ANALYTICS=true
        FEATURE_ADMIN_PANEL=false

        # =============================================================================
        # BACKUP & MAINTENANCE
        # =============================================================================
        # Backup Retention
        BACKUP_RETENTION_DAYS=30
        BACKUP_FREQUENCY=daily

        # Maintenance Mode
        MAINTENANCE_MODE=false
        MAINTENANCE_MESSAGE="System maintenance in progress"

        # =============================================================================
        # EXTERNAL INTEGRATIONS
        # =============================================================================
        # Slack Notifications (optional)
        SLACK_WEBHOOK_URL=https://hooks.slack.com/services/...
        SLACK_CHANNEL=#alerts

        # Discord Notifications (optional)  
        DISCORD_WEBHOOK_URL=https://discord.com/api/webhooks/...

        # Third-party APIs
        OPENAI_API_KEY=sk-...
        ANTHROPIC_API_KEY=sk-ant-...
        """#
}
