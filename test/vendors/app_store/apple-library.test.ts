import {
  APIException,
  AppStoreServerAPIClient,
  Environment,
  ExtendReasonCode,
  NotificationTypeV2,
  SendAttemptResult,
  SignedDataVerifier,
  Status,
  type ConsumptionRequest,
} from '@apple/app-store-server-library'
import { AppStoreServerAPI, decodeTransaction, Environment as AgisEnvironment } from 'app-store-server-api'
import { X509Certificate } from 'node:crypto'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createSandbox, type TestSandbox } from '../../../src/index.js'
import { seededConnect } from '../../../src/receipts/app-store/jws/connect-token.js'
import { connectKey, jwsDevelopment } from '../../../src/receipts/app-store/jws/development.js'
import { aReceiver } from '../../support/receiver.js'
import { bundleId, monthly } from './store.js'
