import { render } from 'preact'
import { Shell } from './shell.js'

const root = document.querySelector<HTMLElement>('#page')
if (root) render(<Shell />, root)
