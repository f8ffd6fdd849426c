// SPDX-License-Identifier: CC0-1.0
pragma solidity 0.8.37;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";

/// @title ERC-7007 Verifiable AI-Generated Content Token, Final text of https://eips.ethereum.org/EIPS/eip-7007
/// @dev The ERC-165 identifier is 0x702c55a6. The event follows the text (four topics), not the reference assets (three).
interface IERC7007 is IERC165, IERC721 {
    /// @dev `prompt` and `aigcData` are indexed, so the log holds their keccak256 only.
    event AigcData(uint256 indexed tokenId, bytes indexed prompt, bytes indexed aigcData, bytes proof);

    /// @notice Adds AIGC data to the token `tokenId`, given `prompt`, `aigcData` and `proof`.
    function addAigcData(uint256 tokenId, bytes calldata prompt, bytes calldata aigcData, bytes calldata proof) external;

    /// @notice Whether `proof` shows that the model made `aigcData` from `prompt`.
    function verify(bytes calldata prompt, bytes calldata aigcData, bytes calldata proof)
        external
        view
        returns (bool success);
}
